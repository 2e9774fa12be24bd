/** Whether a Patroni version such as `3.0.2` is at least another. Missing parts count as 0. */
export function atLeast(version: string, least: string): boolean {
  const parts = (text: string): number[] => text.split('.').map(Number);
  const a = parts(version);
  const b = parts(least);
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** How this version calls the role of the leader's PostgreSQL (`master` before 4.0). */
export function primaryRole(version: string): 'primary' | 'master' {
  return atLeast(version, '4.0.0') ? 'primary' : 'master';
}
