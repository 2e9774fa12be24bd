import { describe, expect, it } from 'vitest';
import { vitalsFigures, type FollowedDisk } from '../../../../shared/rules/vitals/vitals-figures';

const GB = 1024 ** 3;
const disk = (server: string, free: number): FollowedDisk => ({
  server,
  mount: '/var/lib',
  uses: ['the data directory', 'pg_wal'],
  readings: [{ at: 1, size: 100 * GB, free: free * GB }],
});

describe('the figures of disks and transactions', () => {
  it('say what is free, where, and what lies there', () => {
    const { figures } = vitalsFigures({
      disks: [disk('db1', 7)],
      oldest: { name: 'app', age: 1_234_567_890 },
      unseenServers: [],
      known: [],
    });
    expect(figures).toEqual([
      {
        kind: 'disk_free_percent',
        subject: 'db1 /var/lib',
        value: 7,
        words: '7 GB of 100 GB are free on /var/lib of db1 (the data directory, pg_wal)',
      },
      {
        kind: 'transaction_age',
        subject: 'transactions',
        value: 1234.56789,
        words: 'The oldest rows of database app are 1234 million transactions old',
      },
    ]);
  });

  it('hide what was known of a server that was not asked, and nothing of a disk that is gone from one that was', () => {
    const known = ['db1 /var/lib', 'db1 /old', 'db2 /var/lib', 'transactions'];
    const read = { disks: [disk('db1', 7)], oldest: null, unseenServers: ['db2'], known };
    expect(vitalsFigures(read)).toMatchObject({ unseen: ['db2 /var/lib', 'transactions'], isWhole: true });
  });

  it('are not the whole while a server was never asked', () => {
    const read = { disks: [disk('db1', 7)], oldest: null, unseenServers: ['db2'], known: [] };
    expect(vitalsFigures(read).isWhole).toBe(false);
  });
});
