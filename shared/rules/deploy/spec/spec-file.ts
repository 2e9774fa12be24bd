import { isNode, LineCounter, parseDocument, stringify, type Document } from 'yaml';
import type { z } from 'zod';
import {
  clusterFileSchema,
  clusterSpecSchema,
  type ClusterFile,
  type ClusterSpec,
  type SpecProblem,
} from '../../../model/deploy/spec/cluster-spec';
import { issueInWords } from '../../words/form-issue';

/** A spec read from a file, or what is wrong with it. It may lack the cluster's id. */
export type ReadSpec =
  | { readonly spec: ClusterFile; readonly problems: readonly [] }
  | { readonly spec: null; readonly problems: readonly SpecProblem[] };

/** Reads a spec file (YAML or JSON). Problems of form only; `validateSpec` judges its sense. */
export function readSpec(text: string): ReadSpec {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true, lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    return {
      spec: null,
      problems: [
        {
          code: 'file_unreadable',
          severity: 'error',
          path: '',
          sentence: `The file is no YAML: ${broken.message.split('\n')[0] ?? ''}`,
          fix: 'Correct the line named.',
        },
      ],
    };
  }
  const read = clusterFileSchema.safeParse(document.toJS({ maxAliasCount: 20 }));
  return read.success
    ? { spec: read.data, problems: [] }
    : {
        spec: null,
        problems: read.error.issues.map((issue) => formProblem(issue, placeOf(document, lines, issue.path))),
      };
}

/** Where a value stands in the file, or the nearest thing around it that is there: "Line 3, column 7". */
function placeOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const found = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const start = isNode(found) ? found.range?.[0] : undefined;
    if (start === undefined) continue;
    const { line, col } = lines.linePos(start);
    return `Line ${String(line)}, column ${String(col)}`;
  }
  return 'The file';
}

function formProblem(issue: z.core.$ZodIssue, place: string): SpecProblem {
  const path = issue.path.join('.');
  return {
    code: 'form',
    severity: 'error',
    path,
    sentence: `${place}: ${path === '' ? 'the file' : path} ${issueInWords(issue)}.`,
    fix: 'See docs/deployment.md for what may stand here.',
  };
}

/** The spec as a file: everything that has a default and keeps it is left out. TLS and the parameters are always said. */
export function printSpec(spec: ClusterSpec): string {
  const bare = clusterSpecSchema.parse({
    version: 1,
    id: 'x',
    scope: 'x',
    servers: [{ name: 'x', ssh: { server: 'x' }, address: 'x', roles: ['etcd'] }],
  });
  const document = Object.fromEntries(
    Object.entries(spec).flatMap(([key, value]) => {
      if (key === 'servers')
        return [
          [
            key,
            spec.servers.map((server) => ({
              ...server,
              tags: Object.keys(server.tags).length === 0 ? undefined : server.tags,
            })),
          ],
        ];
      const rest = alwaysSaid.has(key)
        ? value
        : without(value, Object.entries(bare).find(([name]) => name === key)?.[1]);
      if (key === 'postgres') return [[key, { ...asEntries(rest), parameters: spec.postgres.parameters }]];
      return rest === undefined ? [] : [[key, rest]];
    }),
  );
  return (
    '# A cluster for Matriarch: npm run deploy -- plan|apply|check|undo FILE. Passwords are not kept ' +
    `here.\n${stringify(document, { lineWidth: 0 })}`
  );
}

/** What a file says even where it is the default. Without a word on TLS it would mean what the next version makes of it. */
const alwaysSaid: ReadonlySet<string> = new Set(['version', 'id', 'scope', 'tls']);

function asEntries(value: unknown): Record<string, unknown> {
  return isPlain(value) ? value : {};
}

/** What differs from the default, or undefined when nothing does. */
function without(value: unknown, normal: unknown): unknown {
  if (JSON.stringify(value) === JSON.stringify(normal)) return undefined;
  if (!isPlain(value) || !isPlain(normal) || 'kind' in value) return value;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const rest = without(inner, normal[key]);
    return rest === undefined ? [] : [[key, rest] as const];
  });
  return Object.fromEntries(entries);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
