import { readFileSync } from 'node:fs';

const PASSWD = '/etc/passwd';

/** The home directory of another user of this workstation, from its passwd file; null where it is not there. */
export function homeOfUser(user: string, file = PASSWD): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === user);
  return fields?.[5] ?? null;
}
