import { prelude } from '../../deploy/resources/scripted/prelude';
import { shellWords } from '../ssh/shell-words';

/** One thing that a step of a deployment does on its server. */
export type MachineAct =
  | {
      readonly act: 'put';
      readonly path: string;
      readonly owner: string;
      readonly group: string;
      readonly mode: number;
      readonly backup: string;
      readonly content: string;
    }
  | {
      readonly act: 'directory';
      readonly path: string;
      readonly owner: string;
      readonly group: string;
      readonly mode: number;
    }
  | { readonly act: 'unit_on'; readonly unit: string; readonly configuration: readonly string[] }
  | { readonly act: 'unit_off' | 'unit_stop'; readonly unit: string }
  | {
      readonly act: 'install';
      readonly packages: readonly string[];
      readonly units: readonly string[];
      readonly refresh: boolean;
    }
  | { readonly act: 'validate'; readonly path: string }
  | { readonly act: 'watchdog' }
  | { readonly act: 'remove_files'; readonly paths: readonly string[] }
  | { readonly act: 'restore'; readonly backup: string; readonly path: string }
  | { readonly act: 'purge'; readonly packages: readonly string[] }
  | { readonly act: 'remove_users'; readonly users: readonly string[]; readonly groups: readonly string[] }
  | { readonly act: 'forget'; readonly manifest: string }
  | { readonly act: 'nothing' };

/** One step of a batch; `acts` is null where the simulated server does not know how to carry it out. */
export interface MachineStep {
  readonly id: string;
  readonly acts: readonly MachineAct[] | null;
}

/** A script of a deployment: the directory it notes things in, and its steps. */
export interface MachineBatch {
  readonly state: string;
  readonly steps: readonly MachineStep[];
}

const STEP = /^s(\d+)\(\) \{\n([\s\S]*?)\n\}\nstep '([^']+)' s\1$/gm;

/** Reads a script that carries out steps of a deployment; null for any other script. It is known by what all of them begin with. */
export function readBatch(script: string): MachineBatch | null {
  const [first = ''] = script.split('\n', 1);
  const state = first.startsWith('STATE=') ? shellWords(first.slice('STATE='.length))[0] : undefined;
  if (state === undefined || !script.startsWith(prelude(state))) return null;
  const steps = [...script.slice(prelude(state).length).matchAll(STEP)].map(
    ([, , body = '', id = '']): MachineStep => ({ id, acts: readFragment(body) }),
  );
  return { state, steps };
}

type Reader = (body: string) => readonly MachineAct[] | null;

/** The shell text of one step as what it does; null for text that no step of a deployment has. */
function readFragment(body: string): readonly MachineAct[] | null {
  for (const read of [readInstall, readValidation, readWatchdog, readRemoval, readStop, readLines]) {
    const found = read(body);
    if (found !== null) return found;
  }
  return null;
}

const line = (body: string, pattern: RegExp): string | null => pattern.exec(body)?.[1] ?? null;
const lines = (body: string, pattern: RegExp): readonly string[] =>
  [...body.matchAll(pattern)].map(([, found = '']) => found);
const firstWord = (text: string): string => shellWords(text)[0] ?? '';

const readInstall: Reader = (body) => {
  const packages = line(body, /^apt-get .* install -y -q --no-install-recommends (.*) \|\| exit 1$/m);
  if (packages === null || !body.includes("<<'END_OF_APT'")) return null;
  return [
    {
      act: 'install',
      packages: shellWords(packages),
      units: shellWords(line(body, /^m=; for u in (.*); do$/m) ?? ''),
      refresh: /^apt-get .* update -q \|\| exit 1$/m.test(body),
    },
  ];
};

const readValidation: Reader = (body) => {
  const path = line(body, /^if said=\$\(runuser -u postgres -- \S+ --validate-config (.*) 2>&1\); then :; else$/m);
  return path === null ? null : [{ act: 'validate', path: firstWord(path) }];
};

const readWatchdog: Reader = (body) => (body.startsWith('udevadm control --reload') ? [{ act: 'watchdog' }] : null);

const readStop: Reader = (body) => {
  const units = lines(body, /^systemctl disable -q --now (\S+) 2>\/dev\/null \|\| systemctl stop/gm);
  return units.length === 0 ? null : units.map((unit) => ({ act: 'unit_stop', unit: firstWord(unit) }));
};

const readRemoval: Reader = (body) => {
  const manifest = line(body, /^rm -rf -- \S+; rm -f -- (\S+)$/m);
  if (manifest === null) return null;
  const packages = line(body, /^ours=\$\(dpkg-query -W -f '[^']*' (.*) 2>\/dev\/null \|$/m);
  return [
    { act: 'remove_files', paths: lines(body, /^rm -f -- (\S+)$/gm).map(firstWord) },
    ...lines(body, /^rm -rf --one-file-system -- (.*)$/gm).map((paths): MachineAct => ({
      act: 'remove_files',
      paths: shellWords(paths),
    })),
    ...(packages === null ? [] : [{ act: 'purge' as const, packages: shellWords(packages) }]),
    ...[...body.matchAll(/^\[ ! -e (\S+) \] \|\| \{ mkdir -p .*; mv -f -- \S+ (\S+); \}$/gm)].map(
      ([, backup = '', path = '']): MachineAct => ({
        act: 'restore',
        backup: firstWord(backup),
        path: firstWord(path),
      }),
    ),
    {
      act: 'remove_users',
      users: shellWords(line(body, /^for u in (.*); do$/m) ?? ''),
      groups: shellWords(line(body, /^for g in (.*); do$/m) ?? ''),
    },
    { act: 'forget', manifest: firstWord(manifest) },
  ];
};

/** Steps that are calls of the functions every script begins with. */
const readLines: Reader = (body) => {
  const acts: MachineAct[] = [];
  const rest = body.split('\n');
  for (let text = rest.shift(); text !== undefined; text = rest.shift()) {
    const content = text.endsWith("<<'END_OF_FILE'") ? takeContent(rest) : '';
    const act = callOf(shellWords(text), content);
    if (act === null) return null;
    acts.push(act);
  }
  return acts;
};

function takeContent(rest: string[]): string {
  const end = rest.indexOf('END_OF_FILE');
  const [...encoded] = rest.splice(0, end + 1);
  return Buffer.from(encoded.slice(0, -1).join(''), 'base64').toString('utf8');
}

function callOf(words: readonly string[], content: string): MachineAct | null {
  const [name = '', first = '', second = '', third = '', fourth = '', fifth = ''] = words;
  const mode = Number.parseInt(fourth, 8);
  switch (name) {
    case 'put':
      return { act: 'put', path: first, owner: second, group: third, mode, backup: fifth, content };
    case 'directory':
      return { act: 'directory', path: first, owner: second, group: third, mode };
    case 'unit_on':
      return { act: 'unit_on', unit: first, configuration: words.slice(4) };
    case 'unit_off':
      return { act: 'unit_off', unit: first };
    case 'note_etc':
    case 'hup_own':
      return { act: 'nothing' };
    default:
      return null;
  }
}
