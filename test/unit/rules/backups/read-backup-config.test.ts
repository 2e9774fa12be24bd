import { describe, expect, it } from 'vitest';
import { isConfigured, repositoriesOf } from '../../../../shared/rules/backups/read-backup-config';

const file = (path: string, ...lines: readonly string[]) => ({ path, text: `${lines.join('\n')}\n` });

describe('a configuration of pgBackRest that others wrote', () => {
  it('tells each repository of a stanza, and how long backups are kept there', () => {
    const files = [
      file(
        '/etc/pgbackrest/pgbackrest.conf',
        '# ours',
        '[global]',
        'repo1-path = /srv/repo',
        'repo1-retention-full=7',
        'repo2-type=s3',
        'repo2-path=/far',
        'repo2-s3-bucket=b',
        'repo2-s3-endpoint=s3.example',
        'repo2-retention-full=30',
        'repo2-retention-full-type=time',
        '[orders]',
        'pg1-path=/data',
      ),
    ];
    expect(repositoriesOf(files, 'orders').map(({ number, place, keeps }) => [number, place, keeps])).toEqual([
      [1, '/srv/repo', '7 full backups'],
      [2, 'bucket b at s3.example, in /far', 'full backups of 30 days'],
    ]);
  });

  it('takes what the stanza says over what holds for all, and a later file over an earlier one', () => {
    const files = [
      file(
        '/etc/pgbackrest/pgbackrest.conf',
        '[global]',
        'repo1-host=backup',
        'repo1-path=/a',
        '[orders]',
        'repo1-path=/b',
      ),
      file('/etc/pgbackrest/conf.d/more.conf', '[global]', 'repo1-host-user=keeper', '[orders]', 'repo1-path=/c'),
    ];
    expect(repositoriesOf(files, 'orders')).toMatchObject([
      { host: 'backup', hostUser: 'keeper', place: '/c on backup', keeps: null },
    ]);
    expect(repositoriesOf(files, 'other')).toMatchObject([{ place: '/a on backup' }]);
  });

  it('does not read the old place of the file where the new one is there, and has a repository where none is named', () => {
    const old = file('/etc/pgbackrest.conf', '[global]', 'repo1-path=/old', '[orders]');
    expect(repositoriesOf([old, file('/etc/pgbackrest/pgbackrest.conf', '[new]')], 'orders')).toMatchObject([
      { number: 1, place: '/var/lib/pgbackrest', hostUser: 'pgbackrest' },
    ]);
    expect(repositoriesOf([file('/etc/pgbackrest.conf', '[global]', 'repo1-host=b')], 'x')).toMatchObject([
      { place: 'a directory of b' },
    ]);
    expect(isConfigured([old], 'orders')).toBe(true);
    expect(isConfigured([old, file('/etc/pgbackrest/pgbackrest.conf', '[new]')], 'orders')).toBe(false);
    expect(isConfigured([old], 'order')).toBe(false);
  });
});
