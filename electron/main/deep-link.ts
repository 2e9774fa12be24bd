/** The cluster that a link matriarch://cluster/<id> names; null for any other text. */
export function clusterOfLink(text: string): string | null {
  const match = /^matriarch:\/\/cluster\/([A-Za-z0-9][A-Za-z0-9_:.-]{0,99})\/?$/.exec(text);
  return match?.[1] ?? null;
}

/** The link in a command line, as Windows and Linux hand it to a second start; null when there is none. */
export function clusterOfArguments(argv: readonly string[]): string | null {
  return argv.map(clusterOfLink).find((id) => id !== null) ?? null;
}
