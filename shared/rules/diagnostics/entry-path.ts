/** A name as a part of a path within a bundle: letters, digits, dots and hyphens, whatever a server is called. */
export function pathPart(name: string): string {
  const safe = name
    .replaceAll(/[^\w.-]+/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 80);
  return safe === '' ? '_' : safe;
}

/** Names for several things of one kind: two that would be called alike get a number. */
export function uniqueParts(names: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return names.map((name) => {
    const wanted = pathPart(name);
    let part = wanted;
    for (let number = 2; used.has(part.toLowerCase()); number += 1) part = `${wanted}-${number}`;
    used.add(part.toLowerCase());
    return part;
  });
}
