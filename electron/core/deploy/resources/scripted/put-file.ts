import { quoteWord } from '../../../ssh/run/quote';

/**
 * A file put in place as a whole: its content comes with the script, and a file that was there before is kept as `backup` (unless '').
 * A program given as `checkedBy` reads the new text first; where it refuses, what is there stays.
 */
export function scriptPut(
  path: string,
  owner: string,
  group: string,
  mode: number,
  backup: string,
  content: string,
  checkedBy = '',
): string {
  const words = [path, owner, group, mode.toString(8).padStart(4, '0'), backup].map((word) =>
    word === '' ? "''" : quoteWord(word),
  );
  const check = checkedBy === '' ? '' : ` ${quoteWord(checkedBy)}`;
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return `put ${words.join(' ')}${check} <<'END_OF_FILE'\n${lines.join('\n')}\nEND_OF_FILE`;
}
