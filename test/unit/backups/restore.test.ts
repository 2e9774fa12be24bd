import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readPlace, sectionsFor } from '../../../electron/core/backups/look-for-restore';
import { readSight } from '../../../electron/core/backups/restore-sight';
import { checkPlaces } from '../../../shared/rules/backups/restore-words';
import { editConfigYaml } from '../../../shared/rules/configure/yaml/config-yaml';
import type { RestorePlace } from '../../../shared/model/backups/restore';

const where = { server: 'db1', dataDirectory: '/var/lib/postgresql/17/main' };
const place: RestorePlace = {
  ...where,
  ...{ member: 'db1', unit: 'patroni.service', aside: '/aside', configFile: '/etc/patroni/config.yml' },
  ...{ free: 10 ** 9, hasPgbackrest: true, obstacle: null },
};
const wish = { member: 'db1', target: { kind: 'latest' } as const, timeline: null };
const backup = {
  ...{ label: 'A', kind: 'full' as const, startedAt: 0, endedAt: 0, stored: 1, firstWal: null, lastWal: null },
  ...{ lastLsn: null, prior: null, damaged: false, repository: 1, systemIdentifier: null },
};

describe('the server of a restore', () => {
  it.each([
    ['obstacle mount', /root of a file system/],
    ['obstacle link', /is a link/],
    ['obstacle tablespaces', /tablespaces elsewhere/],
    ['obstacle wal', /pg_wal is a link/],
    ['obstacle missing', /is not there/],
  ])('says what keeps its data from being put aside: %s', (line, words) => {
    expect(readPlace(`${line}\nfree 100\nend\n`, where).obstacle).toMatch(words);
  });

  it('tells free space as not known where it was not told, and is no place at all where it was cut off', () => {
    expect(readPlace('end\n', where)).toEqual({ free: null, hasPgbackrest: false, obstacle: null });
    expect(() => readPlace('free 5\n', where)).toThrow(/did not tell whole/);
  });

  it.each([
    ['too little space', { ...place, free: 10 }, 10 ** 9, /has 10 B free.*needs/],
    ['space that is not known', { ...place, free: null }, 1, /is not known/],
    ['no pgBackRest', { ...place, hasPgbackrest: false }, 1, /not installed/],
  ])('is refused for %s', (_what, one, size, words) => {
    const [check] = checkPlaces([one], wish, { ...backup, size });
    expect(check?.verdict).toBe('refuses');
    expect(check?.sentence).toMatch(words);
  });
});

describe('the configuration by which Patroni makes the cluster from a backup', () => {
  it('names the method, and none of what a new cluster would be given; everything else stays with its comments', () => {
    const before = [
      'scope: orders # ours',
      'bootstrap:',
      '  dcs: { ttl: 30 }',
      '  post_bootstrap: /make.sh',
      '  users: { app: { password: x } }',
      'postgresql: { data_dir: /data }',
      '',
    ].join('\n');
    const edits = sectionsFor({ bootstrap: { dcs: {}, post_bootstrap: '/make.sh', users: {} } }, 'restore');
    const after = edits.reduce((text, [path, value]) => editConfigYaml(text, path, value) ?? '', before);
    expect(after).toContain('scope: orders # ours');
    expect(parse(after)).toEqual({
      scope: 'orders',
      bootstrap: { dcs: { ttl: 30 }, method: 'restore' },
      postgresql: { data_dir: '/data' },
    });
  });
});

describe('how far a restore is', () => {
  it('is read from the unit, PostgreSQL and the journal; what is not told is not known', () => {
    const told =
      'unit active\nrestarts 0\nrecovery f\ntimeline 3\nreplayed 1795788696000\nused 4096\nlog a\nlog timeline 9\nend\n';
    expect(readSight(told)).toEqual({
      ...{ unit: 'active', restarts: 0, recovery: 'f', timeline: 3, replayedAt: 1_795_788_696_000, used: 4096 },
      log: ['a', 'timeline 9'],
    });
    expect(readSight('unit activating\n\nend\n')).toMatchObject({ recovery: null, timeline: null, used: null });
  });
});
