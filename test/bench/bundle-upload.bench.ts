import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBundleRoute } from '../../electron/core/deploy/bundle/bundle-route';
import { connectSpec } from '../../electron/headless/deploy/connections';
import type { CheckedBundle } from '../../shared/model/deploy/bundle';
import { labServer } from '../lab/support/deploy-lab';
import { openLab, type Lab, type NodeName } from '../lab/support/lab';
import { runToSuccess } from '../lab/support/run';
import { benchRow, type Bench } from '../support/bench/bench';
import { makeArchiveKey, makeSignedBundle, type ArchiveKey } from '../support/deploy/signed-bundle';
import { median } from './support/samples';

const NODES: readonly NodeName[] = ['n1', 'n2', 'n3'];
const MB = 1_000_000;
const SIZE = 100 * MB;
const TURNS = Number(process.env['BENCH_UPLOADS'] ?? 5);
const STATE = '/var/lib/matriarch/bench';

/** A bundle of 100 MB on three servers at once: sent, compared, unpacked and taken away; beside it three scp of the same file at once. */
export default (async () => {
  const directory = await mkdtemp(join(tmpdir(), 'matriarch-bench-'));
  const lab = await openLab({ name: 'bench-upload', net: 81, suite: 'trixie', nodes: NODES });
  const servers = NODES.map((name) => labServer(lab, name, ['etcd']));
  const connections = connectSpec({
    spec: { servers },
    inventory: [],
    secrets: null,
    dataDirectory: directory,
    acceptHostKeys: true,
  });
  try {
    const archive = await makeArchiveKey(directory, 'archive');
    const bundle = await bundleOf(directory, archive);
    const remotes = servers.map((server) => connections.connectServer(server));
    await Promise.all(remotes.map((remote) => remote.connect()));
    const times = { upload: [] as number[], whole: [] as number[], scp: [] as number[] };
    for (let turn = 0; turn < TURNS; turn += 1) {
      times.upload.push(
        await timed(() =>
          Promise.all(remotes.map((remote) => remote.uploadFile(bundle.file, '/var/tmp/bench.tar', { mode: 0o600 }))),
        ),
      );
      times.scp.push(await timed(() => Promise.all(NODES.map((node) => scp(lab, node, bundle.file)))));
      times.whole.push(
        await timed(async () => {
          const routes = await Promise.all(
            remotes.map((remote) =>
              openBundleRoute(remote, bundle, STATE, [archive.key], {
                onProgress: () => undefined,
                signal: AbortSignal.timeout(300_000),
              }),
            ),
          );
          await Promise.all(routes.map((route) => route.close()));
        }),
      );
    }
    console.log(
      `Uploads ${times.upload.map(Math.round).join(' ')} ms, scp ` +
        `${times.scp.map(Math.round).join(' ')} ms, with unpacking ` +
        `${times.whole.map(Math.round).join(' ')} ms.`,
    );
    const scpTime = median(times.scp);
    return [
      // A rate of at least 0.9 of scp's is a time of at most 1 / 0.9 of scp's.
      benchRow(
        'bundle of 100 MB to three servers, against three parallel scp',
        'ms',
        median(times.upload),
        scpTime,
        1 / 0.9,
      ),
      benchRow('the same with hash, unpacking and removal', 'ms', median(times.whole), scpTime, null),
    ];
  } finally {
    await connections.pool.close();
    await lab.down();
    await rm(directory, { recursive: true, force: true });
  }
}) satisfies Bench;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** OpenSSH with the lab's key, each with a connection of its own, as a person would. */
function scp(lab: Lab, node: NodeName, file: string): Promise<string> {
  const options = [
    '-q',
    '-i',
    lab.keyPath,
    '-F',
    'none',
    '-o',
    'BatchMode=yes',
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ];
  return runToSuccess('scp', [...options, file, `root@${lab.node(node).ip}:/var/tmp/bench-scp.tar`], {
    timeoutMs: 300_000,
  });
}

/** A sound bundle of the size; bytes that no compression makes smaller. */
async function bundleOf(directory: string, archive: ArchiveKey): Promise<CheckedBundle> {
  const system = {
    id: 'debian',
    codename: 'trixie',
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
  };
  return makeSignedBundle(join(directory, 'bundle.tar'), system, archive, [
    { name: 'ballast', content: randomBytes(SIZE) },
  ]);
}
