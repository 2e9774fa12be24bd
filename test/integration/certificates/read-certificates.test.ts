import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CERTIFICATE_FILES_SCRIPT, CERTIFICATE_SCRIPTS } from '../../../electron/core/certificates/certificate-scripts';
import { createCertificates } from '../../../electron/core/certificates/create-certificates';
import type { ReportedFindings } from '../../../electron/core/clusters/fold/facts';
import type { Remote, RemotePool } from '../../../electron/core/ssh/remote';
import type { CertificateInventory, TlsPort } from '../../../shared/model/certificates/certificates';
import type { ClusterEntry } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { Facts } from '../../support/cluster/cluster-facts';
import { makeCertificates, type Pair, type TestCertificates } from '../../support/network/certificates';
import { localRemote } from '../../support/ssh/local-remote';
import { tempDirectory, type TempDirectory } from '../../support/temp';

const word = (text: string): string => Buffer.from(text).toString('base64');

let made: TestCertificates;
let foreign: TestCertificates;
const servers: Server[] = [];
const sockets = new Set<Socket>();
let directory: TempDirectory;

/** A service on loopback that begins TLS at once, as PostgreSQL does, or never; `own` is what it shows. */
async function serve(start: 'tls' | 'postgres' | 'plain' | 'silent' | 'garbage', own?: Pair): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const secure = (): void => {
      new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ ...own }) }).on(
        'error',
        () => undefined,
      );
    };
    if (start === 'tls') secure();
    if (start === 'garbage') socket.end('HTTP/1.0 400 Bad Request\r\n\r\n');
    if (start === 'postgres' || start === 'plain')
      socket.once('data', () => {
        socket.write(start === 'plain' ? 'N' : 'S');
        if (start === 'postgres') secure();
      });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** A server whose files are those of this machine, and whose settings are given. */
function remoteWith(settings: readonly string[], patroni: unknown): Remote {
  return {
    ...localRemote(),
    name: 'db1',
    script: async (body, args) => {
      const done = (lines: readonly string[]) =>
        ({ exitCode: 0, stdout: `${lines.join('\n')}\n`, stderr: '', durationMs: 1 }) as const;
      if (body.startsWith(CERTIFICATE_SCRIPTS.settings)) return done([...settings, 'end']);
      if (!body.startsWith(CERTIFICATE_SCRIPTS.files)) {
        const own = word(stringify(patroni));
        return done(['matriarch-discover 1', `config etc-patroni ${word('/etc/patroni/config.yml')} ${own}`, 'end']);
      }
      return { exitCode: 0, stdout: await shell(body, args), stderr: '', durationMs: 1 };
    },
  };
}

function shell(body: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-s', '--', ...args]);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', () => {
      resolve(text);
    });
    child.stdin.end(body);
  });
}

const file = (name: string, text: string): string => {
  const path = join(directory.path, name);
  writeFileSync(path, text);
  return path;
};

interface Scene {
  readonly rest: number;
  readonly postgres: number;
  readonly settings: readonly string[];
  readonly patroni: Record<string, unknown>;
  readonly entry?: Partial<ClusterEntry>;
}

/** Reads the certificates of a cluster of one member that listens on loopback. */
async function read(scene: Scene, mayAsk?: (serverId: string) => boolean) {
  const folded = new Facts(['db1']).fold();
  const state: ClusterState = {
    ...folded,
    members: folded.members.map((member) => ({
      ...member,
      apiUrl: `https://127.0.0.1:${scene.rest}/patroni`,
      host: '127.0.0.1',
      port: scene.postgres,
    })),
  };
  const entry: ClusterEntry = { ...new Facts(['db1']).facts.entry, etcd: null, ...scene.entry };
  const reported: ReportedFindings[] = [];
  const remote = remoteWith(scene.settings, { name: 'db1', scope: 'main', ...scene.patroni });
  const pool: RemotePool = { remote: () => remote, drop: () => Promise.resolve(), close: () => Promise.resolve() };
  const service = createCertificates({
    hub: { state: () => state, entry: () => entry, report: (_id, _source, found) => reported.push(found) },
    remotes: pool,
    now: Date.now,
    hasRoot: () => false,
    isRotatable: () => false,
  });
  return { view: await service.read('c1', mayAsk), reported, service };
}

const placeOf = (view: CertificateInventory, service: TlsPort['service']): TlsPort => {
  const found = view.places.find((place) => place.service === service);
  if (found === undefined) throw new Error(`no place of ${service}`);
  return found;
};

beforeAll(async () => {
  directory = await tempDirectory();
  [made, foreign] = await Promise.all([makeCertificates(), makeCertificates()]);
});
afterAll(async () => {
  await directory.remove();
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

describe('the certificates of a cluster', () => {
  it('are what the ports show, whether their clients trust them, and what the files hold', async () => {
    const { ca, server } = made;
    const [certfile, cafile] = [file('own.crt', server.cert), file('ca.crt', ca)];
    const { view, reported } = await read({
      rest: await serve('tls', server),
      postgres: await serve('postgres', server),
      settings: [],
      patroni: {
        restapi: { certfile, cafile },
        postgresql: {
          parameters: { ssl: true, ssl_cert_file: certfile },
          authentication: { replication: { sslmode: 'verify-full', sslrootcert: cafile } },
        },
      },
    });
    for (const service of ['patroni', 'postgresql'] as const)
      expect(placeOf(view, service)).toMatchObject({
        sight: { kind: 'shown', certificate: { subject: 'CN=db1', issuer: 'CN=Test authority', signedBy: 'other' } },
        trust: { kind: 'verified', by: ['db1'] },
        name: { kind: 'fits', address: '127.0.0.1' },
        file: { kind: 'same', path: certfile },
      });
    expect(view.problems).toEqual([]);
    expect(reported).toMatchObject([{ findings: [], isSettled: true, figures: { unseen: [], isWhole: true } }]);
  });

  it('name the service that shows an older one than its file, is not trusted, or has another name', async () => {
    const { view, reported } = await read({
      rest: await serve('tls', foreign.server),
      postgres: await serve('postgres', made.misnamed),
      settings: [],
      patroni: {
        restapi: { certfile: file('new.crt', made.server.cert), cafile: file('ca2.crt', made.ca) },
        postgresql: {
          authentication: { replication: { sslmode: 'verify-full', sslrootcert: file('ca3.crt', made.ca) } },
        },
      },
    });
    expect(placeOf(view, 'patroni')).toMatchObject({ trust: { kind: 'refused' }, file: { kind: 'differs' } });
    expect(placeOf(view, 'postgresql')).toMatchObject({
      trust: { kind: 'verified' },
      name: { kind: 'differs', matters: true },
    });
    expect(reported[0]?.findings.map(({ code }) => code).toSorted()).toEqual([
      'certificate.not_in_use',
      'certificate.not_trusted',
      'certificate.wrong_name',
    ]);
  });

  it('say of each port that cannot be read, why: silent, closed, without TLS, or something else', async () => {
    const { view, reported } = await read({
      rest: await serve('garbage'),
      postgres: await serve('plain'),
      settings: [
        `etcd-args ${word('/usr/bin/etcd\n')}`,
        `etcd-variables ${word(
          `ETCD_ADVERTISE_CLIENT_URLS=https://127.0.0.1:1\nETCD_INITIAL_ADVERTISE_PEER_URLS=https://127.0.0.1:${await serve('silent')}`,
        )}`,
      ],
      patroni: {},
    });
    expect(placeOf(view, 'postgresql').sight).toEqual({ kind: 'plain' });
    for (const service of ['patroni', 'etcd_client', 'etcd_peer'] as const) {
      const { sight } = placeOf(view, service);
      expect(sight.kind === 'not_read' && sight.why).toMatch(/\S+ \S+/);
    }
    expect(reported[0]?.findings).toEqual([]);
    expect(reported[0]?.figures?.unseen).toEqual([
      'Patroni on db1',
      'etcd for clients on db1',
      'etcd for its peers on db1',
    ]);
  });

  it('of HAProxy are one for each file of a directory, and no key leaves its server', async () => {
    const pair = made.server;
    const folder = join(directory.path, 'haproxy');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.pem'), `${pair.key}${pair.cert}`);
    writeFileSync(join(folder, 'b.pem'), `${foreign.server.cert}${foreign.server.key}`);
    writeFileSync(join(folder, 'notes.txt'), 'nothing');
    const port = await serve('tls', pair);
    const config = `frontend secure\n bind 127.0.0.1:${port} ssl crt ${folder}\n bind :80\n bind /run/x ssl crt /no\n`;
    const { view } = await read({
      rest: await serve('garbage'),
      postgres: await serve('plain'),
      settings: [`haproxy ${word(config)}`],
      patroni: {},
    });
    const shown = view.places.filter(({ service }) => service === 'haproxy');
    expect(shown.map(({ part, file: { kind } }) => [part, kind])).toEqual([
      ['secure', 'same'],
      ['secure db1.test', 'differs'],
    ]);
    expect(await shell(CERTIFICATE_FILES_SCRIPT, [folder])).not.toContain(word(pair.key).slice(0, 60));
    expect(JSON.stringify(view)).not.toContain('PRIVATE');
  });

  it('stay what they were where a server is not asked now, and say since when', async () => {
    const scene: Scene = {
      rest: await serve('tls', made.server),
      postgres: await serve('postgres', made.server),
      settings: [],
      patroni: {},
    };
    const { service } = await read(scene);
    const view = await service.read('c1', () => false);
    expect(placeOf(view, 'patroni').sight).toMatchObject({
      kind: 'not_read',
      last: { certificate: { subject: 'CN=db1' } },
    });
    expect(view.problems).toMatchObject([{ server: 'db1' }]);
  });

  it('of a cluster that is on hold are not read, and nothing of it is contacted', async () => {
    const scene: Scene = { rest: 1, postgres: 1, settings: [], patroni: {}, entry: { onHold: true } };
    await expect(read(scene)).rejects.toMatchObject({ code: 'inventory.on_hold' });
  });

  it('are those of the authority of this app where it made the cluster, and of nobody where a file is no certificate', async () => {
    const { view } = await read({
      rest: await serve('tls', made.server),
      postgres: await serve('plain'),
      settings: [],
      patroni: {
        restapi: { certfile: file('noise.crt', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') },
      },
      entry: { origin: 'deployed', rest: { tls: { ca: made.ca }, auth: null } },
    });
    expect(placeOf(view, 'patroni')).toMatchObject({
      sight: { certificate: { signedBy: 'app' } },
      file: { kind: 'not_read', why: 'it holds no certificate that can be read' },
    });
  });
});
