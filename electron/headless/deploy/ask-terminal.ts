import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Asks at the terminal. Null without one. What is typed for a secret is not shown. */
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
    const answer = reader.question(`${text} `);
    silent = secret;
    return await answer;
  } finally {
    reader.close();
    if (secret) process.stderr.write('\n');
  }
}
