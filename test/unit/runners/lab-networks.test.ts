import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const lab = fileURLToPath(new URL('../../lab/', import.meta.url));

/** The numbers of the networks that a file of lab tests opens. */
function networksOf(file: string): readonly string[] {
  const text = readFileSync(`${lab}${file}`, 'utf8');
  return [...text.matchAll(/\bnets?: (?:\[([\d, ]+)\]|(\d+))/g)].flatMap((found) =>
    (found[1] ?? found[2] ?? '').split(',').map((number) => number.trim()),
  );
}

it('every file of lab tests has networks of its own, so that two files can run side by side', () => {
  const owners = new Map<string, Set<string>>();
  for (const file of readdirSync(lab).filter((name) => name.endsWith('.test.ts')))
    for (const network of networksOf(file)) owners.set(network, (owners.get(network) ?? new Set<string>()).add(file));
  expect(owners.size).toBeGreaterThan(20);
  expect([...owners].filter(([, files]) => files.size > 1).map(([network, files]) => [network, ...files])).toEqual([]);
});
