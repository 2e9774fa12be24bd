import { describe, expect, it } from 'vitest';
import { releaseNote } from '../../../../../shared/rules/deploy/preflight/machine-checks';

const os = (id: string, version: string) => releaseNote({ id, version, codename: '', title: '' });

describe('the release of a server', () => {
  it('needs no word where set-ups were tried on it', () => {
    for (const [id, version] of [
      ['debian', '13'],
      ['ubuntu', '24.04'],
    ] as const)
      expect(os(id, version)).toBeNull();
  });

  it('that was not tried is said to be so from the first step on, and which ones were', () => {
    expect(os('debian', '14')).toMatchObject({ blocks: false, text: expect.stringContaining('Debian 12 and 13') });
  });

  it('of another system is said to be of no use', () => {
    expect(os('rocky', '9')).toMatchObject({ blocks: true });
  });
});
