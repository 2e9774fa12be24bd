import { createInterface } from 'node:readline';
import { consentWords } from '../core/platform/consent';
import type { Host } from '../core/platform/host';
import { terminalText } from './terminal-text';

/** The terminal at which Matriarch was started. */
export interface Terminal {
  /** Shows a question and takes the next line for its answer; only `yes` agrees. Without a terminal it is a no. */
  readonly ask: Host['confirm'];
  /** Each line that answers no question. */
  onLine(listener: () => void): void;
}

/** Reads the terminal, where there is one. */
export function openTerminal(): Terminal {
  if (!process.stdin.isTTY) return { ask: () => Promise.resolve(false), onLine: () => undefined };
  const waiting: ((line: string) => void)[] = [];
  let listener = (): void => undefined;
  createInterface({ input: process.stdin }).on('line', (line) => {
    const answer = waiting.shift();
    if (answer === undefined) listener();
    else answer(line);
  });
  return {
    ask: (question) =>
      new Promise((resolve) => {
        const { message, detail } = consentWords(question);
        process.stdout.write(`\n${terminalText(message)}\n${detail} Type yes to agree: `);
        waiting.push((line) => {
          resolve(line.trim() === 'yes');
        });
      }),
    onLine: (next) => {
      listener = next;
    },
  };
}
