import type { MatchAnswer, MatchRequest } from './match-messages';

/**
 * Tries a regular expression on the lines. It runs beside the page, which ends it where an expression takes too long: an
 * expression cannot be interrupted in any other way.
 */
let texts: string[] = [];
let pattern: RegExp | null = null;

/** Where the expression hits each line from an index on, as begin and end; -1 where it does not. */
function match(from: number, expression: RegExp): Int32Array {
  const hits = new Int32Array((texts.length - from) * 2).fill(-1);
  for (let index = from; index < texts.length; index += 1) {
    const found = expression.exec(texts[index] ?? '');
    if (found === null) continue;
    hits[(index - from) * 2] = found.index;
    hits[(index - from) * 2 + 1] = found.index + found[0].length;
  }
  return hits;
}

function answer(request: number, from: number): void {
  if (pattern === null) return;
  const reply: MatchAnswer = { request, from, hits: match(from, pattern) };
  self.postMessage(reply);
}

self.addEventListener('message', ({ data }: MessageEvent<MatchRequest>) => {
  const from = texts.length;
  texts = texts.concat(data.texts);
  if (data.expression === null) return answer(data.request, from);
  pattern = new RegExp(data.expression.source, data.expression.flags);
  answer(data.request, 0);
});
