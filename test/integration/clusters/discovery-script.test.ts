import { spawn, spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  parseDiscoveryAnswer,
  parsePems,
  type FoundConfig,
} from '../../../electron/core/clusters/discovery/discovery-answer';
import { DISCOVERY_SCRIPT, PEM_SCRIPT } from '../../../electron/core/clusters/discovery/discovery-script';
import { mergeFound } from '../../../electron/core/clusters/discovery/found-config';
import { pythonMissing } from '../../support/patroni/python';
import { tempDirectory } from '../../support/temp';

/** A service of this user, or of nobody where root runs the tests: a process that is called as Patroni is. */
interface Service {
  readonly path: string;
  readonly config: string;
}

const isRoot = userInfo().uid === 0;

function idOf(user: string): number | null {
  const asked = spawnSync('id', ['-u', user], { encoding: 'utf8' });
  return asked.status === 0 ? Number(asked.stdout) : null;
}

/** Starts a process whose command line is Patroni's, as this user id where root runs the tests. */
async function startService(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  uid: number | null,
): Promise<Service> {
  const { path, remove } = await tempDirectory();
  onTestFinished(remove);
  const config = join(path, 'conf d');
  await mkdir(config);
  await writeFile(join(path, 'patroni'), 'import time\nprint("up", flush=True)\ntime.sleep(300)\n');
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(config, name), text, { mode: 0o600 });
    if (uid !== null) await chown(join(config, name), uid, 0);
  }
  await chmod(path, 0o755);
  const child = spawn('/usr/bin/python3', [join(path, 'patroni'), config], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    ...(uid === null ? {} : { uid }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { path, config };
}

function search(service: Service): FoundConfig | undefined {
  const ran = spawnSync('sh', ['-c', DISCOVERY_SCRIPT], { encoding: 'utf8', timeout: 60_000 });
  return parseDiscoveryAnswer(ran.stdout, 'here').configs.find((one) => one.path === service.config);
}

const FILES = {
  '00-base.yml': 'scope: shop\nrestapi: {listen: "*:8008", authentication: {username: u, password: 0987654}}\n',
  '10-node.yml': 'name: n1\nrestapi: {connect_address: "h:1"}\n',
};
const MERGED = {
  kind: 'config',
  config: {
    scope: 'shop',
    name: 'n1',
    restapi: { listen: '*:8008', connect_address: 'h:1', authentication: { username: 'u', password: 'a b\n"c' } },
  },
};
const ENV = { PATRONI_RESTAPI_PASSWORD: 'a b\n"c', OTHER: 'not of Patroni' };

describe('the script that searches a server', () => {
  const python = pythonMissing(['sys']);
  const postgres = isRoot ? idOf('postgres') : null;
  if (python !== null || (isRoot && postgres === null)) {
    it.skip(`(skipped: ${python ?? 'there is no user postgres (package patroni)'})`, () => undefined);
    return;
  }

  it('finds the directory that a running service was started with, and the environment of that service', async () => {
    const found = search(await startService(FILES, ENV, postgres));
    expect(found).toMatchObject({ source: 'process', env: { PATRONI_RESTAPI_PASSWORD: 'a b\n"c' } });
    expect(found?.env).not.toHaveProperty('OTHER');
    expect(found === undefined ? null : mergeFound({ ...found, loaded: null })).toEqual(MERGED);
  });

  const patroni = pythonMissing(['patroni.config']);
  if (patroni === null)
    it("lets Patroni's own loader read it, as the user of the service", async () => {
      const found = search(await startService(FILES, ENV, postgres));
      expect(found?.loaded).not.toBeNull();
      expect(found === undefined ? null : mergeFound({ ...found, files: [] })).toEqual(MERGED);
    });
  else it.skip(`(skipped: ${patroni})`, () => undefined);

  const nobody = isRoot ? idOf('nobody') : null;
  if (nobody !== null) {
    it('as root reads nothing for a process of another user than those that run Patroni', async () => {
      expect(search(await startService(FILES, ENV, nobody))).toBeUndefined();
    });
  }

  it('reads only PEM of the files that a configuration names, and only what the user of the service may read', async () => {
    const { path, remove } = await tempDirectory();
    onTestFinished(remove);
    await chmod(path, 0o755);
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    const at = (name: string): string => join(path, name);
    await writeFile(at('ca.crt'), `Certificate:\n  Data\n${pem}`, { mode: 0o644 });
    await writeFile(at('plain.txt'), 'root:x:0:0\n', { mode: 0o644 });
    await writeFile(at('own.key'), pem, { mode: 0o600 });
    const names = ['ca.crt', 'plain.txt', 'own.key', 'gone.crt'].map(at);
    const ran = spawnSync('sh', ['-c', PEM_SCRIPT, 'sh', ...names.flatMap((name) => ['postgres', name])], {
      encoding: 'utf8',
    });
    const expected = new Map([[at('ca.crt'), pem]]);
    if (!isRoot) expected.set(at('own.key'), pem);
    expect(parsePems(ran.stdout)).toEqual(expected);
  });
});
