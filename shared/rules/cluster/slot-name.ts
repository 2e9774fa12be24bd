/**
 * The replication slot that Patroni makes for a member: lower case, `-` and `.` as `_`, other characters as
 * `u` and four digits of their code, cut to 63 (dcs/__init__.py, slot_name_from_member_name). Two members
 * whose names come to the same slot disturb each other.
 */
export function slotName(memberName: string): string {
  const code = (letter: string): string => `u${(letter.codePointAt(0) ?? 0).toString().padStart(4, '0')}`;
  return [...memberName.toLowerCase()]
    .map((letter) => (/[a-z0-9_]/.test(letter) ? letter : letter === '-' || letter === '.' ? '_' : code(letter)))
    .join('')
    .slice(0, 63);
}
