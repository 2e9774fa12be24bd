import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { errorPage, errorPlaces } from '../../support/docs/error-codes';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('docs/errors.md', () => {
  it('lists every code as the source has it (npx tsx test/support/docs/write-errors.ts rewrites it)', () => {
    expect(readFileSync(`${root}docs/errors.md`, 'utf8')).toBe(errorPage(root));
  });

  it('has a sentence for every code but the one whose sentence each job gives', () => {
    const places = errorPlaces(root);
    const silent = [...new Set(places.map((place) => place.code))].filter((code) =>
      places.every((place) => place.code !== code || place.message === null),
    );
    expect(silent).toEqual(['operation.end_not_seen']);
    expect(new Set(places.map((place) => place.code)).size).toBeGreaterThan(150);
  });
});
