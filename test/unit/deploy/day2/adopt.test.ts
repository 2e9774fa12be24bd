import { describe, expect, it } from 'vitest';
import type { ClusterEntry } from '../../../../shared/model/cluster/cluster-entry';
import { adopt, type AdoptDeps } from '../../../../electron/core/deploy/day2/adopt';
import type { RunResult } from '../../../../electron/core/ssh/remote';
import { localRemote } from '../../../support/ssh/local-remote';

const word = (text: string): string => Buffer.from(text).toString('base64');
const ended = (exitCode: number, stdout: string): Promise<RunResult> =>
  Promise.resolve({ exitCode, stdout, stderr: '', durationMs: 1 });

const file = `scope: shop
name: n1
restapi: {connect_address: '10.0.0.1:8008'}
postgresql: {connect_address: '10.0.0.1:5432', data_dir: /srv/17/main, bin_dir: /usr/lib/postgresql/17/bin}
`;
const variables = [
  'PATRONI_ETCD3_HOSTS=10.0.0.7:2379',
  'PATRONI_SUPERUSER_USERNAME=postgres',
  'PATRONI_SUPERUSER_PASSWORD=super-word',
];

const entry: ClusterEntry = {
  id: 'shop-id',
  title: 'Shop',
  scope: 'shop',
  namespace: '/service/',
  tags: [],
  production: false,
  readOnly: false,
  origin: 'user',
  etcd: null,
  rest: { tls: null, auth: null },
  configPath: '/etc/patroni/config.yml',
  members: [{ name: 'n1', serverId: 'id-1', apiUrl: 'http://10.0.0.1:8008/patroni' }],
};

/** A server whose Patroni is started with `path` and the variables; patronictl reads only the file, and `show` says what it answers. */
function serverWith(
  path: string,
  show: (config: string) => Promise<RunResult>,
): AdoptDeps & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const part = `${path}/a.yml`;
  const config = path.endsWith('.d')
    ? [`part ${word(path)} ${word(part)} ${word(file)}`, `config systemd-unit ${word(path)} - ${word('postgres')}`]
    : [`config etc-patroni ${word(path)} ${word(file)} ${word('postgres')}`];
  const answer = ['matriarch-discover 1', ...config, `env ${word(path)} ${word(variables.join('\n'))}`, 'end'].join(
    '\n',
  );
  return {
    kept,
    connectEntry: () => ({
      ...localRemote(),
      script: () => ended(0, answer),
      run: (argv) => show(argv[2] ?? ''),
    }),
    readDynamic: () => Promise.resolve(null),
    secrets: {
      read: (_cluster, name) => Promise.resolve(kept.get(name)),
      write: (_cluster, name, value) => {
        kept.set(name, value);
        return Promise.resolve();
      },
    },
  };
}

const refuses = (): Promise<RunResult> => ended(1, 'patroni.exceptions.PatroniFatalException: no DCS');

describe('a cluster whose Patroni gets etcd and passwords from the environment of its unit', () => {
  it('is described by the dynamic configuration of the live cluster, which patronictl cannot read there', async () => {
    const deps = serverWith('/etc/patroni/config.yml', refuses);
    const { spec } = await adopt(entry, {
      ...deps,
      readDynamic: (id) => Promise.resolve(id === 'shop-id' ? { ttl: 27, postgresql: { pg_hba: [] } } : null),
    });
    expect(spec).toMatchObject({ patroni: { ttl: 27 }, etcd: { external: ['10.0.0.7:2379'] } });
    expect(deps.kept.get('superuser')).toBe('super-word');
  });

  it('is not described by guessed values where nobody tells the dynamic configuration', async () => {
    await expect(adopt(entry, serverWith('/etc/patroni/config.yml', refuses))).rejects.toMatchObject({
      data: { code: 'deploy.cannot_describe', message: expect.stringContaining('dynamic configuration') },
    });
  });
});

describe('a cluster whose members keep their configuration in different places', () => {
  it('has each asked by its own directory of files', async () => {
    const asked: string[] = [];
    const deps = serverWith('/etc/patroni/conf.d', (path) => {
      asked.push(path);
      return ended(0, 'ttl: 26\n');
    });
    const { spec } = await adopt(entry, deps);
    expect(asked).toEqual(['/etc/patroni/conf.d']);
    expect(spec.patroni.ttl).toBe(26);
  });
});
