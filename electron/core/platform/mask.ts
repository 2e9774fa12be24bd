/** What stands where a secret stood. */
const MASKED = '***';

/** Shorter values than this would tear ordinary words apart without hiding anything. */
const SHORTEST_SECRET = 3;

/** The forms a secret takes in commands and answers: as it is, quoted for a shell, in JSON, in a URL, in Base64. */
function forms(secret: string): string[] {
  return [
    secret,
    secret.replaceAll("'", `'\\''`),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret, 'utf8').toString('base64'),
  ];
}

/** The text with every secret (and its quoted, JSON, URL and Base64 form) replaced by `***`. For transcripts, logs and errors. */
export function mask(text: string, secrets: readonly string[]): string {
  const hidden = secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(forms);
  const longestFirst = [...new Set(hidden)].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((masked, secret) => masked.replaceAll(secret, MASKED), text);
}
