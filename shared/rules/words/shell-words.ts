const PLAIN = /^[A-Za-z0-9_/.,:=@%+-]+$/;

/** One word of a POSIX shell command as a person would paste it; hostile names stay one word. */
export function shellWord(text: string): string {
  const printable = text.replaceAll('\0', '');
  return PLAIN.test(printable) ? printable : `'${printable.replaceAll("'", `'\\''`)}'`;
}
