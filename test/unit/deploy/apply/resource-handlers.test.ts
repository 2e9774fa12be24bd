import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { executionOf } from '../../../../electron/core/deploy/apply/resource-handlers';
import type { Resource, ResourceOf } from '../../../../shared/model/deploy/plan';
import { scriptContext } from '../../../support/deploy/scripts';

const endpoint = { server: 'n1', address: '10.0.0.11', port: 2379 };
const manifest = {
  version: 1,
  scope: 'main',
  server: 'n1',
  clusterToken: 't',
  files: [],
  units: [],
  data: [],
} as const;
const owned = { owner: 'root', group: 'root', mode: 0o644 };
const takeover = {
  kind: 'adopt',
  cluster: { version: 17, name: 'main', port: 5432, dataDirectory: '/d/a/t', configDirectory: '/c' },
  superuser: 'postgres',
  replication: 'replicator',
  rewind: 'rewind',
} as const;
const member = {
  kind: 'etcd_member',
  member: 'n2',
  peerUrl: 'http://10.0.0.12:2380',
  forget: null,
  dataDirectory: '/var/lib/etcd/main',
  via: [endpoint],
} as const;
const replication = { rest: endpoint, members: [endpoint], scope: 'main' };

/** An example of every kind of resource, and of each of its parts, with who carries it out. */
const examples: { readonly [K in Resource['kind']]: readonly (readonly [ResourceOf<K>, 'script' | 'core'])[] } = {
  manifest: [[{ kind: 'manifest', manifest: { ...manifest, files: [], units: [], data: [] } }, 'script']],
  packages: [[{ kind: 'packages', packages: ['patroni'], units: ['patroni.service'], refresh: true }, 'script']],
  archive: [
    [
      {
        kind: 'archive',
        url: null,
        file: 'etcd.tar.gz',
        sha256: 'a'.repeat(64),
        directory: '/opt/matriarch/etcd',
        stamp: '/opt/matriarch/etcd/.sha256',
        programs: ['etcd'],
        links: [],
        user: 'etcd',
        home: '/var/lib/etcd',
      },
      'script',
    ],
  ],
  virtualenv: [
    [
      {
        kind: 'virtualenv',
        directory: '/opt/matriarch/patroni',
        requirements: ['patroni'],
        from: { kind: 'own' },
        stamp: { path: '/opt/matriarch/patroni/.stamp', content: 'patroni' },
        links: [],
      },
      'script',
    ],
  ],
  file: [[{ kind: 'file', path: '/etc/one', content: 'text', shown: 'text', ...owned }, 'script']],
  directory: [[{ kind: 'directory', path: '/srv/one', holds: 'data', ...owned }, 'script']],
  unit: [
    [
      {
        kind: 'unit',
        unit: 'etcd.service',
        wanted: 'on',
        configuration: [],
        onChange: 'restart',
        noBlock: false,
        alsoReload: null,
      },
      'script',
    ],
  ],
  validate: [[{ kind: 'validate', path: '/etc/patroni/config.yml', program: 'patroni', occupied: false }, 'script']],
  certificate: [
    [
      {
        kind: 'certificate',
        commonName: 'n1',
        names: ['n1'],
        addresses: [],
        ca: '/t/ca',
        cert: '/t/cert',
        key: '/t/key',
        owner: 'etcd',
        group: 'etcd',
      },
      'script',
    ],
  ],
  watchdog: [
    [
      { kind: 'watchdog', device: '/dev/watchdog', owner: 'postgres', group: 'postgres', load: true, required: true },
      'script',
    ],
  ],
  quorum: [[{ kind: 'quorum', members: [endpoint] }, 'core']],
  dcs_contact: [
    [
      {
        kind: 'dcs_contact',
        after: 'n1/etcd',
        etcd: [endpoint],
        members: [endpoint],
        scope: 'shop',
        restUser: 'patroni',
      },
      'core',
    ],
  ],
  leader: [[{ kind: 'leader', awaits: 'lead', bootstrap: null, copies: false, ...replication }, 'core']],
  replica: [[{ kind: 'replica', copiesInto: null, member: 'n1', restUser: 'patroni', ...replication }, 'core']],
  sql: [
    [
      {
        kind: 'sql',
        accounts: [],
        roles: [],
        databases: [],
        poolerUser: null,
        superuser: 'postgres',
        port: 5432,
        members: [endpoint],
      },
      'core',
    ],
  ],
  dynamic_config: [[{ kind: 'dynamic_config', config: {}, members: [endpoint], restUser: 'patroni' }, 'core']],
  verify: [[{ kind: 'verify', entryPoints: [] }, 'core']],
  targets: [[{ kind: 'targets', prometheus: endpoint, targets: [endpoint] }, 'core']],
  etcd_member: [
    [{ ...member, part: 'add' }, 'core'],
    [{ ...member, part: 'promote' }, 'core'],
    [{ ...member, part: 'remove' }, 'core'],
  ],
  adopt: [
    [{ ...takeover, part: 'roles' }, 'core'],
    [{ ...takeover, part: 'restart' }, 'script'],
  ],
  undo: [
    [{ kind: 'undo', part: 'stop', units: ['etcd.service'] }, 'script'],
    [
      {
        kind: 'undo',
        part: 'remove',
        manifest: { ...manifest, files: [], units: [], data: [] },
        packages: ['patroni', 'etcd-server'],
        users: ['etcd'],
        groups: ['etcd'],
        keepData: false,
        changed: [],
      },
      'script',
    ],
    [
      { kind: 'undo', part: 'scope', prefix: '/service/main/', initialize: '1', members: ['n1'], via: [endpoint] },
      'core',
    ],
  ],
};

const all: readonly (readonly [string, Resource, 'script' | 'core'])[] = Object.values(examples)
  .flatMap((entries): readonly (readonly [Resource, 'script' | 'core'])[] => entries)
  .map(([resource, by]) => [`${resource.kind}${'part' in resource ? ` (${resource.part})` : ''}`, resource, by]);

/** What a shell would do nothing for, and call it done. */
const withoutNoise = (text: string): string => text.replace(/^[\s:]*$/gm, '').trim();

describe('a step of a plan', () => {
  it.each(all)('of the kind %s is carried out by whom it needs', (_name, resource, by) => {
    const step = { id: 'n1/step', server: 'n1', label: 'A step', dependsOn: [], resource };
    const execution = executionOf(step, 'main');
    expect(execution.by).toBe(by);
    const issued = new Map([[step.id, { ca: 'ca', cert: 'cert', key: 'key' }]]);
    if (execution.by === 'core') return;
    const text = execution.write(scriptContext({ issued }));
    expect(withoutNoise(text)).not.toBe('');
    expect(() => execFileSync('sh', ['-n'], { input: text, stdio: 'pipe' })).not.toThrow();
  });

  it('fails when the certificate it shall place was not made', () => {
    const resource = examples.certificate[0]?.[0];
    if (resource === undefined) throw new Error('There is no example of a certificate.');
    const execution = executionOf({ id: 'n1/step', server: 'n1', label: 'A step', dependsOn: [], resource }, 'main');
    expect(execution.by === 'script' ? execution.write(scriptContext()) : '').toContain('exit 1');
  });
});
