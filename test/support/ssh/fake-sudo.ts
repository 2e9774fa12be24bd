import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory to put in front of PATH, with a `sudo` of the test's own. */
export interface FakeSudo {
  readonly path: string;
  close(): Promise<void>;
}

/** How the fake answers: without a password, with this password, or with a refusal for every user. */
export type FakeSudoRule =
  | { readonly kind: 'passwordless' }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'forbidden' };

/** Talks as sudo does: prompt on standard error, password from standard input, three tries; the user it became is in SUDO_AS. */
function script(rule: FakeSudoRule): string {
  const check = {
    forbidden: 'echo "Sorry, user dba is not allowed to execute \'$*\' as $user on db1." >&2; exit 1',
    passwordless: ':',
    password: `
[ -z "$batch" ] || { echo "sudo: a password is required" >&2; exit 1; }
tries=0
while :; do
  printf %s "$prompt" >&2
  IFS= read -r given || { echo >&2; echo "sudo: no password was provided" >&2; exit 1; }
  [ "$given" = '${rule.kind === 'password' ? rule.password : ''}' ] && break
  tries=$((tries + 1))
  [ $tries -lt 3 ] || { echo "sudo: 3 incorrect password attempts" >&2; exit 1; }
  echo "Sorry, try again." >&2
done`,
  }[rule.kind];
  return `#!/bin/sh
prompt= batch= user=root
while [ $# -gt 0 ]; do
  case "$1" in
    -n) batch=1 ;;
    -k|-S|-H) ;;
    -p) prompt=$2; shift ;;
    -u) user=$2; shift ;;
    --) shift; break ;;
    *) break ;;
  esac
  shift
done
${check}
SUDO_AS=$user exec "$@"
`;
}

/** Writes the fake into a directory of its own. */
export async function makeFakeSudo(rule: FakeSudoRule): Promise<FakeSudo> {
  const path = await mkdtemp(join(tmpdir(), 'fake-sudo-'));
  await writeFile(join(path, 'sudo'), script(rule), { mode: 0o755 });
  return { path, close: () => rm(path, { recursive: true, force: true }) };
}
