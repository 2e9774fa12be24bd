/**
 * The replication slot that Patroni makes for a member: lower case, `-` and `.` as `_`, other characters as
 * `u` and four digits of their code, cut to 63 (dcs/__init__.py, slot_name_from_member_name). Two members
 * whose names come to the same slot disturb each other.
 */
export function slotName(memberName: string): string {
  return [...memberName.toLowerCase()].map(slotLetters).join('').slice(0, 63);
}

function slotLetters(letter: string): string {
  if (/[a-z0-9_]/.test(letter)) return letter;
  if (letter === '-' || letter === '.') return '_';
  return `u${(letter.codePointAt(0) ?? 0).toString().padStart(4, '0')}`;
}
