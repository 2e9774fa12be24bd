const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/**
 * Whether JSON can be read and written again here without a number becoming another one: whole numbers beyond 2^53 cannot. Patroni
 * keeps them, because Python's numbers have no such bound.
 */
export function isLosslessJson(text: string): boolean {
  return (text.match(TOKEN) ?? []).every(
    (token) => token.startsWith('"') || !/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token)),
  );
}
