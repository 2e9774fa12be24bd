import { describe, expect, it } from 'vitest';
import { prepareSource, type SiteWish } from '../../../../../shared/rules/deploy/standby/prepare-source';

const WISH: SiteWish = {
  slot: 'south',
  accounts: { replication: 'replicator', rewind: 'rewind_user' },
  addresses: ['10.1.0.3'],
  tls: false,
};
const LINES = [
  'host replication replicator 10.1.0.3/32 scram-sha-256',
  'host all rewind_user 10.1.0.3/32 scram-sha-256',
];
const refusing = ['local all all peer', 'host all all 10.0.0.0/24 scram-sha-256', 'host all all all reject'];

describe('what a cluster needs before another one follows it', () => {
  it('is a slot and rules above the one that refuses, and all that is there stays', () => {
    const found = prepareSource({ slots: { other: { type: 'physical' } }, postgresql: { pg_hba: refusing } }, WISH);
    expect(found).toMatchObject({ slot: 'missing', isKeptHere: true, lines: LINES });
    expect(found.patch).toEqual({
      slots: { south: { type: 'physical' } },
      postgresql: { pg_hba: [...refusing.slice(0, 2), ...LINES, 'host all all all reject'] },
    });
  });

  it('is nothing once the slot is there and its rules let the site in, however they say so', () => {
    const wide = ['host replication all 10.1.0.0/16 md5', 'host all all 0.0.0.0/0 scram-sha-256'];
    const found = prepareSource({ slots: { south: { type: 'physical' } }, postgresql: { pg_hba: wide } }, WISH);
    expect(found).toEqual({ slot: 'there', lines: [], isKeptHere: true, patch: null });
  });

  it('counts a rule that asks for a certificate as one that does not let in', () => {
    const rules = ['hostssl all all 0.0.0.0/0 scram-sha-256 clientcert=verify-ca'];
    const found = prepareSource({ postgresql: { pg_hba: rules } }, { ...WISH, slot: null, tls: true });
    expect(found.slot).toBe('not_wanted');
    expect(found.patch).toMatchObject({
      postgresql: { pg_hba: [expect.stringContaining('hostssl replication'), expect.anything(), ...rules] },
    });
  });

  it('takes a logical slot of that name for none', () => {
    expect(prepareSource({ slots: { south: { type: 'logical' } } }, WISH).slot).toBe('missing');
  });

  it('changes no rules where they are kept in files, and names the lines', () => {
    const found = prepareSource({ slots: { south: { type: 'physical' } } }, WISH);
    expect(found).toEqual({ slot: 'there', lines: LINES, isKeptHere: false, patch: null });
  });
});
