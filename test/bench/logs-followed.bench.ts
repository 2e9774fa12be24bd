import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import type { ClusterEntry } from '../../shared/model/cluster/cluster-entry';
import { namespaceSchema } from '../../shared/model/cluster/namespace';
import type { LogRecord } from '../../shared/model/logs/log-record';
import { connectToCore, type TestClient } from '../support/app/app';
import { benchRow, type Bench, type BenchRow } from '../support/bench/bench';
import { makeLogScene, type LogScene } from '../support/logs/log-scene';
import { sshdMissing, startRealSshd, type RealSshd } from '../support/ssh/real-sshd';
import { poolServer } from '../support/ssh/ssh-pool';
import { startCore, type BenchCore } from './support/core';
import { median, pause } from './support/samples';

const MEMBERS = ['db1', 'db2', 'db3'];
const LINES_PER_SECOND = 5_000;
const SECONDS = 15;
const TURNS = 3;
const TICK_MS = 20;
/** Where the lines are written: the file of PostgreSQL's own, or the journal, which journalctl prints as JSON. */
type LinePlace = 'log' | 'journal';
const PATIENCE_MS = 20_000;
/** Of one core. */
const LIMIT_PERCENT = 30;

/**
 * The logs of three members followed by a page, at 5,000 lines a second in all: what that costs the core, and whether every line
 * comes once. Beside it three `ssh ... tail -F` of the same files into /dev/null, in turns. Each member is an sshd of its own.
 */
export default (async () => {
  if (sshdMissing !== null || process.platform !== 'linux') {
    console.log(`Not measured here: ${sshdMissing ?? 'the CPU of ssh is read from /proc'}.`);
    return [];
  }
  const members = await Promise.all(MEMBERS.map(startMember));
  try {
    return await measure(members);
  } finally {
    await Promise.all(members.map((member) => member.close()));
  }
}) satisfies Bench;

interface LoggingMember {
  readonly name: string;
  readonly sshd: RealSshd;
  readonly scene: LogScene;
  close(): Promise<void>;
}

async function startMember(name: string): Promise<LoggingMember> {
  const scene = await makeLogScene({ log: '', journal: '' });
  const sshd = await startRealSshd([`SetEnv PATH=${scene.bin}:/usr/bin:/bin`]);
  const close = async (): Promise<void> => {
    await sshd.close();
    await scene.close();
  };
  return { name, sshd, scene, close };
}

interface FollowSample {
  /** Percent of a core. */
  readonly ours: number;
  readonly ssh: number;
  readonly lost: number;
  readonly twice: number;
}

async function measure(members: readonly LoggingMember[]): Promise<readonly BenchRow[]> {
  const core = await startCore({
    servers: members.map(serverOf),
    clusters: [clusterOf(members)],
    hosts: await Promise.all(
      members.map(async ({ sshd }) => {
        const [, key = ''] = (await readFile(sshd.hostKeyPath, 'utf8')).split(' ');
        return { host: '127.0.0.1', port: sshd.port, key: Buffer.from(key, 'base64') };
      }),
    ),
  });
  try {
    return [
      ...(await turns(core, members, { place: 'log', of: 'of files' })),
      ...(await turns(core, members, { place: 'journal', of: 'of the journal' })),
    ];
  } finally {
    await core.close();
  }
}

async function turns(
  core: BenchCore,
  members: readonly LoggingMember[],
  { place, of }: { readonly place: LinePlace; readonly of: string },
): Promise<readonly BenchRow[]> {
  const samples: FollowSample[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const ours = await followed(core, new LineWriter(members, place, `${place}.${turn}`));
    samples.push({ ...ours, ssh: await tailed(new LineWriter(members, place, `${place}.${turn}.ssh`)) });
  }
  const middle = (side: keyof FollowSample): number => median(samples.map((sample) => sample[side]));
  const sum = (side: keyof FollowSample): number => samples.reduce((total, sample) => total + sample[side], 0);
  const what = `logs: 5,000 lines/s ${of}`;
  return [
    benchRow(`${what}: CPU of the core`, '% of a core', middle('ours'), null, LIMIT_PERCENT),
    benchRow(`${what}: against three ssh tail -F`, '% of a core', middle('ours'), middle('ssh'), null),
    benchRow(`${what}: lost`, 'lines', sum('lost'), null, 0),
    benchRow(`${what}: came twice`, 'lines', sum('twice'), null, 0),
  ];
}

const serverOf = ({ name, sshd }: LoggingMember) =>
  poolServer(sshd.port, {
    id: name,
    name,
    user: sshd.user,
    auth: { kind: 'key', keyPath: sshd.keyPath },
    sudo: { kind: 'root' },
  });

/** Nothing but the logs answers there. */
function clusterOf(members: readonly LoggingMember[]): ClusterEntry {
  return {
    id: 'orders',
    title: 'orders',
    scope: 'orders',
    namespace: namespaceSchema.parse('/service/'),
    tags: [],
    production: false,
    readOnly: false,
    origin: 'user',
    members: members.map(({ name }) => ({ name, serverId: name, apiUrl: 'http://127.0.0.1:1/patroni' })),
    etcd: null,
    rest: { tls: null, auth: null },
  };
}

/** Follows as the page does while the lines are written. */
async function followed({ child }: BenchCore, writer: LineWriter): Promise<Omit<FollowSample, 'ssh'>> {
  const { client, close } = await connectToCore(await child.ask('url', null));
  const reader = new PageReader(client, writer.mark);
  const reading = reader.read();
  try {
    await until('all servers are read', () => reader.live.size === MEMBERS.length);
    const before = await child.ask('usage', null);
    const written = await writer.write();
    const after = await child.ask('usage', null);
    await until('the last lines are read', () => reader.numbers.size >= written).catch(() => undefined);
    const ours = ((after.cpuMs - before.cpuMs) / (after.at - before.at)) * 100;
    return { ours, lost: written - reader.numbers.size, twice: reader.twice };
  } finally {
    reader.stop();
    await reading;
    close();
  }
}

/** What a page takes of the stream: it acknowledges each batch. */
class PageReader {
  readonly numbers = new Set<string>();
  readonly live = new Set<string>();
  twice = 0;
  readonly #client: TestClient;
  readonly #pattern: RegExp;
  readonly #ending = new AbortController();

  /** Only lines with the mark are counted: a server begins with older ones. */
  constructor(client: TestClient, mark: string) {
    this.#client = client;
    this.#pattern = new RegExp(`line ${mark.replaceAll('.', '\\.')} (\\d+) `);
  }

  async read(): Promise<void> {
    const { signal } = this.#ending;
    try {
      let followId = '';
      for await (const update of await this.#client.logs.follow({ clusterId: 'orders' }, { signal })) {
        for (const { serverId, status } of update.servers) if (status === 'live') this.live.add(serverId);
        if (update.kind === 'started') followId = update.followId;
        else {
          for (const record of update.records) this.#take(record);
          await this.#client.logs.acknowledge({ followId, batch: update.number });
        }
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  }

  stop(): void {
    this.#ending.abort();
  }

  #take({ member, text }: LogRecord): void {
    const number = this.#pattern.exec(text)?.[1];
    if (number === undefined) return;
    const key = `${member} ${number}`;
    if (this.numbers.has(key)) this.twice += 1;
    this.numbers.add(key);
  }
}

/** Writes lines to the logs of all members at an even rate, each with the mark and a number of its own. */
class LineWriter {
  readonly mark: string;
  readonly members: readonly LoggingMember[];
  readonly place: LinePlace;

  constructor(members: readonly LoggingMember[], place: LinePlace, mark: string) {
    this.members = members;
    this.place = place;
    this.mark = mark;
  }

  /** Resolves with how many lines were written. */
  async write(): Promise<number> {
    const files = await Promise.all(this.members.map(({ scene }) => open(scene[this.place], 'a')));
    const began = performance.now();
    const all = LINES_PER_SECOND * SECONDS;
    let written = 0;
    while (written < all) {
      await pause(TICK_MS);
      const due = Math.min(all, Math.floor(((performance.now() - began) / 1000) * LINES_PER_SECOND));
      const from = written;
      await Promise.all(files.map((file, index) => file.write(this.#share(from, due, index))));
      written = due;
    }
    await Promise.all(files.map((file) => file.close()));
    return written;
  }

  /** The lines of one member, which has every third number. */
  #share(from: number, to: number, index: number): string {
    const line = this.place === 'log' ? fileLine : journalLine;
    let text = '';
    for (let number = from; number < to; number += 1)
      if (number % MEMBERS.length === index) text += `${line(`line ${this.mark} ${number}`, number)}\n`;
    return text;
  }
}

const fileLine = (words: string, number: number): string =>
  `${new Date().toISOString().replace('T', ' ').replace('Z', ' UTC')} [${4_000 + (number % 90)}] app@orders LOG:  ${words} ` +
  `duration: ${number % 97}.${number % 7} ms  execute <unnamed>: select balance from account where id = $1`;

/** An entry as journalctl prints it with the fields that are asked for. */
const journalLine = (words: string, number: number): string =>
  JSON.stringify({
    __CURSOR: `s=8a1f6c0e7b5d4c0f9e1a;i=${number};b=5d2c9f0a1b3e;m=${number};t=${Date.now()};x=${words}`,
    __REALTIME_TIMESTAMP: String(Date.now() * 1000),
    __MONOTONIC_TIMESTAMP: String(number),
    _BOOT_ID: '5d2c9f0a1b3e4d6c8f7a9b0c1d2e3f4a',
    PRIORITY: '6',
    _TRANSPORT: 'stdout',
    _PID: '812',
    _SYSTEMD_UNIT: 'patroni.service',
    MESSAGE:
      `${new Date().toISOString().replace('T', ' ').replace('.', ',').replace('Z', '')} INFO: ${words} ` +
      'no action. I am (db1), a secondary',
  });

/** CPU of three ssh clients, percent of a core, while the lines are written. */
async function tailed(writer: LineWriter): Promise<number> {
  const clients = writer.members.map((member) => startTail(member, writer.place));
  try {
    await pause(1_500);
    const [before, began] = [cpuMsOf(clients), performance.now()];
    await writer.write();
    return ((cpuMsOf(clients) - before) / (performance.now() - began)) * 100;
  } finally {
    for (const client of clients) client.kill();
  }
}

function startTail({ sshd, scene }: LoggingMember, place: LinePlace): ChildProcess {
  const options = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'];
  const words = ['-F', 'none', '-i', sshd.keyPath, '-p', String(sshd.port), ...options, `${sshd.user}@127.0.0.1`];
  return spawn('ssh', [...words, `tail -n 0 -F ${scene[place]}`], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** User and system time of these processes, ms (proc_pid_stat(5); a tick is 10 ms on every Linux that runs this). */
function cpuMsOf(clients: readonly ChildProcess[]): number {
  return clients.reduce((sum, { pid = 0 }) => {
    const path = `/proc/${pid}/stat`;
    if (!existsSync(path)) throw new Error('An ssh has ended.');
    const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) * 10;
  }, 0);
}

async function until(what: string, isDone: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!isDone()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s.`);
    await pause(50);
  }
}
