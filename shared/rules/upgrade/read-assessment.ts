import { z } from 'zod';
import type { AssessmentReport } from '../../model/upgrade/assessment';
import { bytesInWords, namesInWords, spanInWords } from '../words/wording';

/** What the work of an assessment found, by its own lines. */
export type AssessmentFindings = Pick<
  AssessmentReport,
  | 'targetVersion'
  | 'checks'
  | 'said'
  | 'files'
  | 'databases'
  | 'missingExtensions'
  | 'otherExtensions'
  | 'missingLibraries'
  | 'unknownParameters'
  | 'refusedParameters'
  | 'changedDefaults'
  | 'preparedTransactions'
  | 'checksums'
  | 'checkMs'
  | 'left'
> & {
  readonly copied: { readonly bytes: number; readonly ms: number } | null;
  /** The exit code of pg_upgrade; null: it was not asked. */
  readonly pgUpgrade: number | null;
  /** The last lines that programs wrote as errors. */
  readonly errors: readonly string[];
  readonly isWhole: boolean;
};

const databaseSchema = z.object({
  name: z.string(),
  bytes: z.number(),
  relations: z.number(),
  largeObjects: z.number(),
  extensions: z.array(z.object({ name: z.string(), version: z.string() })),
});

/** Reads a text in base64. */
type Unpack = (packed: string) => string;

/** Reads what the work printed. `set` are the parameters that are set: their default does not matter. */
export function readAssessment(text: string, set: readonly string[], unpack: Unpack): AssessmentFindings {
  const lines = text.split('\n');
  const all = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const number = (name: string): number | null => {
    const value = Number(all(name)[0] ?? 'none');
    return Number.isFinite(value) ? value : null;
  };
  const said = unpack(all('said')[0] ?? '');
  const databases = all('database').flatMap(readDatabase);
  const [bytes, ms] = [number('copyBytes'), number('copyMs')];
  const checksums = number('checksums');
  return {
    targetVersion: all('targetVersion')[0] ?? '',
    checks: readChecks(said),
    said,
    files: all('file').flatMap((line) => readFile(line, unpack)),
    databases,
    missingExtensions: all('missing').map((line) => {
      const [name = '', owner = '-'] = line.split(' ');
      return { name, package: owner === '-' ? null : owner };
    }),
    otherExtensions: all('offers').flatMap((line) => otherVersion(line, databases)),
    missingLibraries: all('nolib'),
    unknownParameters: all('unknown'),
    refusedParameters: all('value').flatMap((line) => readRefused(line, unpack)),
    changedDefaults: readDefaults(unpack(all('oldDefaults')[0] ?? ''), unpack(all('newDefaults')[0] ?? ''), set),
    preparedTransactions: number('prepared'),
    checksums: checksums === null ? null : checksums !== 0,
    checkMs: number('checkMs'),
    left: all('left'),
    copied: bytes === null || ms === null ? null : { bytes, ms },
    pgUpgrade: number('pgUpgrade'),
    errors: all('err'),
    isWhole: lines.includes('finished'),
  };
}

function readDatabase(line: string): AssessmentReport['databases'] {
  try {
    const parsed = databaseSchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

function readFile(line: string, unpack: Unpack): AssessmentReport['files'] {
  const [name = '', size = '', packed = ''] = line.split(' ');
  if (name === '') return [];
  const bytes = (packed.length / 4) * 3 - (/=*$/.exec(packed)?.[0].length ?? 0);
  return [{ name, text: unpack(packed), whole: bytes >= Number(size) }];
}

function readRefused(packed: string, unpack: Unpack): AssessmentReport['refusedParameters'] {
  const why = unpack(packed).trim();
  const name = /parameter "([^"]+)"/.exec(why)?.[1];
  return name === undefined ? [] : [{ name, why }];
}

function otherVersion(line: string, databases: AssessmentReport['databases']): AssessmentReport['otherExtensions'] {
  const [name = '', then = ''] = line.split(' ');
  const versions = databases.flatMap(({ extensions }) => extensions.filter((one) => one.name === name));
  const other = [...new Set(versions.map(({ version }) => version))].filter((version) => version !== then);
  return then === '' ? [] : other.map((now) => ({ name, now, then }));
}

/** Lines of pg_upgrade such as `Checking for prepared transactions      ok`; since 17 also `failed check: Checking for ...`. */
export function readChecks(said: string): AssessmentReport['checks'] {
  return said.split(/[\r\n]+/).flatMap((line) => {
    const failed = /failed check: (\S.*)$/.exec(line)?.[1];
    if (failed !== undefined) return [{ name: failed.trim(), result: 'failed' }];
    const [, name, result] = /^(\S.*?)\s+(ok|fatal|failed|warning|skipped)\s*$/.exec(line) ?? [];
    return name === undefined || result === undefined ? [] : [{ name, result }];
  });
}

interface Default {
  readonly context: string;
  readonly value: string;
}

function defaultsIn(text: string): ReadonlyMap<string, Default> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [name = '', context = '', , value = ''] = line.split('\t');
      return name === '' ? [] : [[name, { context, value }] as const];
    }),
  );
}

function readDefaults(before: string, after: string, set: readonly string[]): AssessmentReport['changedDefaults'] {
  const [old, fresh] = [defaultsIn(before), defaultsIn(after)];
  return [...old].flatMap(([name, { context, value }]) => {
    const now = fresh.get(name);
    const isSame = now === undefined || now.value === value;
    if (isSame || context === 'internal' || set.includes(name) || isOfVersion(name)) return [];
    return [{ name, before: value, after: now.value }];
  });
}

/** Paths of a version's own files differ in each. */
function isOfVersion(name: string): boolean {
  return ['dynamic_library_path', 'krb_server_keyfile', 'timezone_abbreviations', 'unix_socket_directories'].includes(
    name,
  );
}

/** How it came out, and why, as a sentence. `why`: why the work ended before pg_upgrade was asked. */
export function concludeAssessment(
  findings: AssessmentFindings,
  about: { readonly member: string; readonly target: number; readonly why: string | null },
): Pick<AssessmentReport, 'verdict' | 'sentence'> {
  const { pgUpgrade, checks, missingExtensions, missingLibraries, unknownParameters, refusedParameters } = findings;
  const whole = `PostgreSQL ${findings.targetVersion || String(about.target)}`;
  if (pgUpgrade === null || (pgUpgrade !== 0 && checks.length === 0))
    return {
      verdict: 'failed',
      sentence: about.why ?? `pg_upgrade could not check the copy of ${about.member}: ${lastWords(findings)}`,
    };
  const copy =
    findings.copied === null ? '' : ` (${bytesInWords(findings.copied.bytes)} in ${spanInWords(findings.copied.ms)})`;
  if (pgUpgrade !== 0) {
    const bad = checks.filter(({ result }) => result === 'fatal' || result === 'failed').map(({ name }) => name);
    const what = bad.length === 0 ? lastWords(findings) : `it stopped at "${bad.join('", "')}".`;
    return { verdict: 'refused', sentence: `pg_upgrade would not upgrade ${about.member}${copy} to ${whole}: ${what}` };
  }
  const more = [
    ...missingExtensions.map(({ name }) => `the extension ${name}`),
    ...missingLibraries.map((name) => `the library ${name}`),
    ...unknownParameters.map((name) => `the parameter ${name}`),
    ...refusedParameters.map(({ name }) => `the value of ${name}`),
  ];
  const beside = more.length === 0 ? '' : ` It does not know ${namesInWords(more)}: that has to be dealt with first.`;
  return {
    verdict: 'clean',
    sentence: `pg_upgrade has nothing against upgrading ${about.member}${copy} to ${whole}.${beside}`,
  };
}

/** The last paragraph of what pg_upgrade said: it ends with why it stopped, and that it does. */
function lastWords({ errors, said }: AssessmentFindings): string {
  const text = said.replace(/\s*Failure, exiting\s*$/, '').trimEnd();
  const words = (text.split(/\r?\n\s*\n/).at(-1) ?? '').replaceAll(/\s+/g, ' ').trim();
  return (words || (errors.at(-1) ?? '') || 'it did not say why.').trim().slice(0, 300);
}
