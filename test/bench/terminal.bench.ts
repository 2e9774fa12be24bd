import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Terminals } from '../../electron/core/terminal/create-terminals';
import { ACKNOWLEDGE_AFTER } from '../../shared/rules/terminal/output-window';
import { benchRow, type Bench } from '../support/bench/bench';
import { startRealSshd, type RealSshd } from '../support/ssh/real-sshd';
import { makePool, poolServer } from '../support/ssh/ssh-pool';
import { terminalsOn } from '../support/terminal/open-terminals';
import { median } from './support/samples';

const MB = 1_000_000;
const SIZE = 30 * MB;
const TURNS = Number(process.env['BENCH_TERMINALS'] ?? 5);
const LINE = `${'0123456789'.repeat(9)}abcdefghi\n`;

/**
 * 30 MB of text through a terminal, as the page reads it, until the last of it came; beside it OpenSSH's client with a
 * terminal on the server (ssh -tt). Both are timed from their first output.
 */
export default (async () => {
  const sshd = await startRealSshd();
  const servers = [poolServer(sshd.port, { user: sshd.user, auth: { kind: 'key', keyPath: sshd.keyPath } })];
  const { pool, directory, close } = await makePool({ servers });
  const terminals = terminalsOn(pool, servers);
  try {
    const file = join(directory, 'text');
    await writeFile(file, LINE.repeat(SIZE / LINE.length));
    const times = { ours: [] as number[], ssh: [] as number[] };
    for (let turn = 0; turn < TURNS; turn += 1) {
      times.ours.push(await throughTerminal(terminals, file));
      times.ssh.push(await throughSsh(sshd, file));
    }
    console.log(
      `Terminal ${times.ours.map(Math.round).join(' ')} ms, ssh ${times.ssh.map(Math.round).join(' ')} ms for 30 MB.`,
    );
    // At least half the rate of OpenSSH's client is at most twice its time.
    return [benchRow('30 MB of output in a terminal, against ssh -tt', 'ms', median(times.ours), median(times.ssh), 2)];
  } finally {
    terminals.closeAll();
    await close();
    await sshd.close();
    await rm(directory, { recursive: true, force: true });
  }
}) satisfies Bench;

async function throughTerminal(terminals: Terminals, file: string): Promise<number> {
  const size = { columns: 120, rows: 40 };
  const { id } = await terminals.open({ target: { at: 'server', serverId: 'db1' }, size, unchecked: false });
  await terminals.write(id, Buffer.from(`stty -echo; cat ${file}; exit\n`));
  let began = 0;
  let seen = 0;
  let acknowledged = 0;
  for await (const item of terminals.read(id, 0)) {
    if (item.kind === 'ended') break;
    seen += Buffer.from(item.data, 'base64').length;
    if (began === 0 && seen > 64 * 1024) began = performance.now();
    if (seen - acknowledged < ACKNOWLEDGE_AFTER) continue;
    acknowledged = seen;
    terminals.acknowledge(id, seen);
  }
  const took = performance.now() - began;
  if (seen < SIZE) throw new Error(`Only ${seen} bytes came through the terminal.`);
  return took;
}

async function throughSsh(sshd: RealSshd, file: string): Promise<number> {
  const options = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'];
  const words = ['-tt', '-F', 'none', '-i', sshd.keyPath, '-p', String(sshd.port), ...options];
  const child = spawn('ssh', [...words, `${sshd.user}@127.0.0.1`, `cat ${file}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let began = 0;
  let seen = 0;
  for await (const chunk of child.stdout) {
    seen += Buffer.from(chunk).length;
    if (began === 0 && seen > 64 * 1024) began = performance.now();
  }
  const took = performance.now() - began;
  if (seen < SIZE) throw new Error(`Only ${seen} bytes came through ssh.`);
  return took;
}
