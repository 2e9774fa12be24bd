import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { errorPage, errorPlaces, errorPlacesIn } from '../../support/docs/error-codes';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('docs/errors.md', () => {
  it('takes codes from calls, tables and tuples, and no list of unit names for a code', () => {
    const source = `
      throw appError('ssh.lost', \`\${name} is gone.\`, { hint: 'Try again.' });
      const table = [{ code: 'etcd.tls', message: 'No TLS.', hint: 'Check it.' }];
      const tuples = [[/refused/, 'rest.refused', 'It refuses.', 'Look there.']];
      const units = ['etcd.service', 'haproxy.service', 'pgbouncer.service'];
    `;
    expect(errorPlacesIn(source)).toEqual([
      { code: 'ssh.lost', message: '… is gone.', hint: 'Try again.' },
      { code: 'etcd.tls', message: 'No TLS.', hint: 'Check it.' },
      { code: 'rest.refused', message: 'It refuses.', hint: 'Look there.' },
    ]);
  });

  it('is the same in whichever order the files are read', () => {
    const places = errorPlaces(root);
    expect(errorPage(places.toReversed())).toBe(errorPage(places));
  });

  it('lists every code as the source has it (npx tsx test/support/docs/write-errors.ts rewrites it)', () => {
    expect(readFileSync(`${root}docs/errors.md`, 'utf8')).toBe(errorPage(errorPlaces(root)));
  });

  it('has a sentence for every code but those whose sentence each case gives', () => {
    const places = errorPlaces(root);
    const silent = [...new Set(places.map((place) => place.code))].filter((code) =>
      places.every((place) => place.code !== code || place.message === null),
    );
    expect(silent.sort()).toEqual([
      'backup.cluster',
      'backup.not_proved',
      'operation.end_not_seen',
      'repair.slot_kept',
      'repair.snapshot_damaged',
    ]);
    expect(new Set(places.map((place) => place.code)).size).toBeGreaterThan(150);
  });
});
