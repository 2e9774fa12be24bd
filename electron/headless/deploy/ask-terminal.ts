import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { terminalText } from '../terminal-text';

/**
 * Asks at the terminal. Null without one. What is typed for a secret is not shown. The question stands on one line, with nothing in
 * it that a terminal would carry out. To be asked one at a time: a second reader would show what is typed for the first.
 */
export async function askTerminal(text: string, secret: boolean): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  let silent = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!silent) process.stderr.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  try {
    const answer = reader.question(`${terminalText(text.replaceAll(/\s+/g, ' '))} `);
    silent = secret;
    return await answer;
  } finally {
    reader.close();
    if (secret) process.stderr.write('\n');
  }
}
