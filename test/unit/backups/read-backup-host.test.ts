import { describe, expect, it } from 'vitest';
import { readBackupHost, readParts } from '../../../electron/core/backups/read-backup-host';
import { appError } from '../../../shared/model/app-error';

const part = (name: string, text: string): string => `${name} ${Buffer.from(text).toString('base64')}`;
const output = (...parts: readonly string[]): string => [...parts, 'end', ''].join('\n');

describe('what a server tells of backups', () => {
  it('is nothing at all where it was cut off', () => {
    expect(() => readParts(part('version', 'pgBackRest 2.45'), 'db1')).toThrow(/did not tell whole/);
  });

  it('says why pgBackRest did not answer, in its own words or by the time that it took', () => {
    const told = readParts(
      output(part('version', 'pgBackRest 2.45'), part('problem', 'ERROR: [103]: no way\n')),
      'db1',
    );
    expect(told.pgbackrest).toMatchObject({ version: '2.45', stanzas: null, problem: 'ERROR: [103]: no way' });
    const hung = readParts(output(part('version', 'pgBackRest 2.45'), part('problem', '')), 'db1');
    expect(hung.pgbackrest?.problem).toMatch(/did not answer within 20 s/);
  });

  it('takes what is told of a stanza by its name in place of what is told in passing, and nothing where one was not told', () => {
    const status = { code: 0, message: 'ok' };
    const one = (message: string) => JSON.stringify([{ name: 'orders', status: { ...status, message } }]);
    const whole = output(part('version', '2.45'), part('info', '[]'), part('info', one('by name')));
    expect(readParts(whole, 'db1').pgbackrest?.stanzas?.map(({ message }) => message)).toEqual(['by name']);
    const cut = output(part('version', '2.45'), part('info', '[]'), part('problem', 'ERROR: [082]'));
    expect(readParts(cut, 'db1').pgbackrest).toMatchObject({ stanzas: null, problem: 'ERROR: [082]' });
  });

  it('keeps names with quotes and line breaks as they are', () => {
    const told = readParts(
      output(
        part('version', '2.45'),
        part('file', `/etc/pgbackrest/conf.d/it's "odd"\n.conf`),
        part('text', '[a b]\n'),
      ),
      'db1',
    );
    expect(told.pgbackrest?.files).toEqual([{ path: `/etc/pgbackrest/conf.d/it's "odd"\n.conf`, text: '[a b]\n' }]);
  });

  it('tells that PostgreSQL could not be asked apart from a PostgreSQL that does not archive', () => {
    expect(readParts(output(part('archiving', 'psql: error: no socket\n')), 'db1')).toMatchObject({
      archiving: null,
      archivingProblem: 'PostgreSQL there could not be asked: psql: error: no socket',
    });
    const off = { mode: 'off', command: '(disabled)', library: '', lastWal: '', lastAt: null, failedAt: null };
    expect(
      readParts(output(part('archiving', JSON.stringify({ ...off, system: '7', directory: '/d' }))), 'db1').archiving,
    ).toMatchObject({ mode: 'off', command: '', lastWal: null });
  });

  it('is the error of a server that does not answer, and everything else is empty', async () => {
    const remote = { name: 'db1', script: () => Promise.reject(appError('ssh.timeout', 'db1 did not answer.')) };
    expect(await readBackupHost({ remote, member: 'm1', port: 5432 })).toMatchObject({
      server: 'db1',
      member: 'm1',
      error: { code: 'ssh.timeout' },
      pgbackrest: null,
    });
  });
});
