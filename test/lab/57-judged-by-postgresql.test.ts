import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareHbaLines, compareHbaSets, makeHbaLines, makeHbaSets } from './support/hba-cases';
import { openLab, type Lab } from './support/lab';
import { releasesToTest } from './support/releases';
import { scratchAnswers, type ScratchAnswers, type ScratchQuestions } from './support/scratch-postgres';
import { compareValues, definitionsOf, localCases, makeValueCases } from './support/value-cases';

const MINUTE = 60_000;
const SCRIPT = fileURLToPath(new URL('scripts/postgres/scratch.py', import.meta.url));

const RELEASES = [
  { suite: 'trixie', net: 164 },
  { suite: 'bookworm', net: 165 },
] as const;

describe.each(releasesToTest('57-judged-by-postgresql', RELEASES, 'trixie'))(
  'what the page says of rules and values before they are applied is what PostgreSQL says of them ($suite)',
  ({ suite, net }) => {
    let lab: Lab;

    /** A server of its own on n1, in a network of its own; it is gone again when it has answered. */
    const ask = async (questions: Partial<ScratchQuestions>): Promise<ScratchAnswers> => {
      const script = await readFile(SCRIPT, 'utf8');
      const answer = await lab
        .node('n1')
        .console(
          [
            "cat >/root/scratch.py <<'END_OF_SCRIPT'",
            script,
            'END_OF_SCRIPT',
            "unshare -n python3 /root/scratch.py <<'END_OF_QUESTIONS'",
            JSON.stringify(questions),
            'END_OF_QUESTIONS',
          ].join('\n'),
          { timeoutMs: 5 * MINUTE },
        );
      return scratchAnswers.parse(JSON.parse(answer));
    };

    beforeAll(async () => {
      lab = await openLab({ name: `judged-${suite}`, net, nodes: ['n1'], suite, image: 'stack' });
    }, 5 * MINUTE);
    afterAll(() => lab?.down(), MINUTE);

    it(
      'which rule of pg_hba decides, for lists, roles, patterns, quotes, networks, masks, TLS and replication',
      async () => {
        const sets = makeHbaSets(80, 11);
        const lines = makeHbaLines(300, 5);
        const answers = await ask({ sets, rules: lines });
        const { differences, cases, open } = compareHbaSets(sets, answers);
        expect(differences).toEqual([]);
        expect(cases).toBe(960);
        expect(open).toBeLessThan(cases / 10);
        expect(compareHbaLines(lines, answers)).toEqual([]);
      },
      6 * MINUTE,
    );

    it(
      'which values every parameter takes, with all units, octal and hexadecimal numbers, exponents, rounding and ranges',
      async () => {
        const definitions = definitionsOf(await ask({}));
        const values = makeValueCases(definitions);
        const local = localCases(definitions, values);
        expect(values.length).toBeGreaterThan(5000);
        expect(compareValues(definitions, { values, local }, await ask({ values, local }))).toEqual([]);
      },
      6 * MINUTE,
    );
  },
);
