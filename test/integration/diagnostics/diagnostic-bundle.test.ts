import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeZip } from '../../../electron/core/diagnostics/write-zip';
import type { BundleProgress, GatheredBundle } from '../../../shared/model/diagnostics/diagnostics';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';
import { tempDirectory, type TempDirectory } from '../../support/temp';

const clusterId = 'demo-cluster-ledger';

/** Unpacks by Python's own reader of ZIP, which checks each file, and answers the files by their paths. */
function unpack(zip: string, into: string): ReadonlyMap<string, string> {
  mkdirSync(into, { recursive: true });
  const script =
    'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])';
  execFileSync('python3', ['-c', script, zip, into]);
  const paths = readdirSync(into, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(into, path)).isFile(),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(into, path), 'utf8')]));
}

let directory: TempDirectory;
beforeAll(async () => {
  directory = await tempDirectory();
});
afterAll(() => directory.remove());

describe('an archive', () => {
  it('is one that other programs read, with what was put in, empty and large files too', () => {
    const files = [
      { path: 'README.txt', content: Buffer.from('Größe\n') },
      { path: 'a/b/empty.txt', content: Buffer.alloc(0) },
      { path: 'a/large.txt', content: Buffer.alloc(3_000_000, 'abcdefg ') },
    ];
    const path = join(directory.path, 'plain.zip');
    writeFileSync(path, writeZip(files, 1_800_000_000_000));
    const found = unpack(path, join(directory.path, 'plain'));
    for (const file of files) expect(found.get(file.path) === file.content.toString('utf8')).toBe(true);
    expect(found.size).toBe(files.length);
  });
});

describe('the diagnostic bundle of a cluster of the demo', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;

  const gather = async (signal?: AbortSignal): Promise<{ steps: BundleProgress[]; bundle: GatheredBundle }> => {
    const steps: BundleProgress[] = [];
    const wish = { clusterId, at: Date.now(), beforeMinutes: 30, afterMinutes: 0 };
    for await (const step of await client.diagnostics.gather(wish, signal === undefined ? {} : { signal }))
      steps.push(step);
    const last = steps.at(-1);
    if (last?.kind !== 'gathered') throw new Error('no bundle was gathered');
    return { steps, bundle: last.bundle };
  };

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    const healthy = () => expect(app.app.core.services.hub.state(clusterId)?.health.level).toBe('healthy');
    await vi.waitFor(healthy, { timeout: 60_000, interval: 200 });
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  it('has the state, the configurations and the logs of every server, and none of their secrets', async () => {
    const { steps, bundle } = await gather();
    expect(steps.length).toBeGreaterThan(5);
    const { path, size } = await client.diagnostics.save({ bundleId: bundle.bundleId });
    expect([statSync(path).size, statSync(path).mode & 0o777]).toEqual([size, 0o600]);
    const files = unpack(path, join(directory.path, 'demo'));
    expect([...files.keys()].toSorted()).toEqual(bundle.entries.map((entry) => entry.path).toSorted());
    for (const wanted of [
      'README.txt',
      'cluster/state.json',
      'cluster/findings.json',
      'servers/ledger-1/patroni/config.yml',
      'servers/ledger-1/system/os-release.txt',
      'logs/ledger-2.txt',
      'certificates.json',
    ])
      expect([...files.keys()]).toContain(wanted);
    const all = [...files.values()].join('\n');
    for (const secret of ['only-simulated', 'only-simulated-too'])
      for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)])
        expect(all.includes(form), form).toBe(false);
    expect(files.get('servers/ledger-1/patroni/config.yml')).toContain('username: postgres');
  });

  it('says what could not be read of a server that is down, and is made without it', async () => {
    await client.demo.inject({ clusterId, faultId: 'power_off', member: 'ledger-3' });
    const { bundle } = await gather();
    expect(bundle.gaps.some(({ what }) => what.includes('ledger-3'))).toBe(true);
    expect(bundle.entries.some(({ path }) => path.startsWith('servers/ledger-1/'))).toBe(true);
    await client.demo.heal({ clusterId });
  });

  it('is not kept where its gathering was stopped, and another one is not saved in its place', async () => {
    const stop = new AbortController();
    const work = gather(stop.signal);
    stop.abort();
    await expect(work).rejects.toThrow();
    await expect(client.diagnostics.save({ bundleId: 'another' })).rejects.toMatchObject({
      data: { code: 'app.bundle_gone' },
    });
  });
});
