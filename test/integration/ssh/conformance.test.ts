import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Remote } from '../../../electron/core/ssh/remote';
import { makePool, poolServer, type TestPool } from '../../support/ssh/ssh-pool';
import { sshdMissing, startRealSshd } from '../../support/ssh/real-sshd';
import { makeKey, startSshServer } from '../../support/ssh/ssh-server';

/** A server to log in to by key. */
interface Peer {
  readonly port: number;
  readonly user: string;
  readonly keyPath?: string;
  readonly privateKey?: string;
  close(): Promise<void>;
}

async function startDouble(): Promise<Peer> {
  const key = makeKey();
  const server = await startSshServer({ users: { dba: { publicKeys: [key.public] } } });
  return { port: server.port, user: 'dba', privateKey: key.private, close: () => server.close() };
}

const peers: readonly (readonly [string, string | null, () => Promise<Peer>])[] = [
  ['the double in this process', null, startDouble],
  ['the sshd of OpenSSH', sshdMissing, () => startRealSshd(['MaxSessions 10'])],
];

const limit = { timeoutMs: 20_000 };
const code = (name: string): object => ({ data: { code: name } });

/** Everything a stream brings until it ends. */
function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    stream.on('close', () => {
      resolve(text);
    });
  });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

describe.each(peers)('a Remote on %s', (name, missing, start) => {
  if (missing !== null) {
    it.skip(`(skipped: ${missing})`, () => undefined);
    return;
  }
  let peer: Peer;
  let made: TestPool;
  let remote: Remote;
  let work = '';
  const cleanup: (() => Promise<void> | void)[] = [];
  beforeAll(async () => {
    peer = await start();
    made = await makePool({
      servers: [poolServer(peer.port, { user: peer.user, auth: { kind: 'key', keyPath: peer.keyPath ?? '~/key' } })],
    });
    if (peer.privateKey !== undefined) await writeFile(join(made.directory, 'key'), peer.privateKey, { mode: 0o600 });
    work = join(made.directory, 'work dir');
    await mkdir(work);
    remote = made.pool.remote('db1');
  });
  afterEach(async () => {
    for (const undo of cleanup.splice(0)) await undo();
  });
  afterAll(async () => {
    await made.close();
    await peer.close();
  });

  /** A TCP service on loopback that answers each line in capitals. */
  async function shouting(): Promise<number> {
    const server = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (chunk: Buffer) => {
          socket.end(chunk.toString().toUpperCase());
        });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    cleanup.push(() => {
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  it('passes words, input, both outputs and the exit code', async () => {
    const words = ["it's", '$HOME', 'a b', '\\', 'ä', '', '*', '-n'];
    const result = await remote.run(['sh', '-c', 'printf "<%s>" "$@"; cat; echo err >&2; exit 3', 'sh', ...words], {
      ...limit,
      stdin: 'input',
    });
    expect(result).toMatchObject({
      exitCode: 3,
      stdout: `${words.map((word) => `<${word}>`).join('')}input`,
      stderr: 'err\n',
    });
  });

  it('runs in a known locale', async () => {
    expect((await remote.script('locale_is=$LC_ALL; echo $locale_is', [], limit)).stdout).toBe('C.UTF-8\n');
  });

  it('runs a script that is in no list of processes, with arguments and input of its own', async () => {
    const body =
      'secret=correct-horse; read line; ps -eo args 2>/dev/null | grep -c "[c]orrect-horse"; echo "$1/$line/$2"\n';
    const result = await remote.script(body, ['a b', '$x'], { ...limit, stdin: 'from input\n' });
    expect(result.stdout).toBe('0\na b/from input/$x\n');
  });

  it('runs a script whose commands read no input but their own', async () => {
    expect((await remote.script('cat; echo after', [], limit)).stdout).toBe('after\n');
  });

  it('passes 3 MB in and out unchanged', async () => {
    const data = randomBytes(3_000_000);
    const result = await remote.run(['sh', '-c', 'base64 | tr -d "\\n"'], { ...limit, stdin: data });
    expect(Buffer.from(result.stdout, 'base64').equals(data)).toBe(true);
  });

  it('tells output while it comes', async () => {
    const seen: string[] = [];
    await remote.script('echo one; sleep 0.1; echo two >&2; sleep 0.1; printf "\\303"; sleep 0.1; printf "\\244"', [], {
      ...limit,
      onOutput: (chunk, stream) => seen.push(`${stream}:${chunk}`),
    });
    expect(seen.filter((one) => !one.endsWith(':'))).toEqual(['stdout:one\n', 'stderr:two\n', 'stdout:ä']);
  });

  it('runs 30 commands at once', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, (_, index) => remote.run(['echo', String(index)], limit)));
    expect(all.map((one) => one.stdout)).toEqual(Array.from({ length: 30 }, (_, index) => `${index}\n`));
  });

  it('stops a command that takes too long', async () => {
    const mark = join(work, 'late');
    await expect(remote.script('sleep 3; touch "$1"', [mark], { timeoutMs: 200 })).rejects.toMatchObject(
      code('ssh.timeout'),
    );
    await new Promise((resolve) => {
      setTimeout(resolve, 3_300);
    });
    await expect(stat(mark)).rejects.toThrow('ENOENT');
  });

  it('writes a file whole with its mode and reads it back', async () => {
    const path = join(work, "patroni's.yml");
    await remote.writeFile(path, 'first', { mode: 0o644 });
    await remote.writeFile(path, 'second ä\n', { mode: 0o600 });
    expect((await remote.readFile(path, {}))?.toString()).toBe('second ä\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(work)).toEqual(["patroni's.yml"]);
  });

  it('leaves nothing behind and the old file in place when a file cannot be put in place', async () => {
    const path = join(work, 'kept');
    await writeFile(path, 'old');
    await expect(remote.writeFile(path, 'new', { mode: 0o600, owner: 'no-such-user' })).rejects.toMatchObject(
      code('ssh.file_not_written'),
    );
    expect(await readFile(path, 'utf8')).toBe('old');
    expect((await readdir(work)).filter((entry) => entry.startsWith('.matriarch'))).toEqual([]);
  });

  it('says why a file cannot be written or read', async () => {
    await expect(remote.writeFile(join(work, 'none', 'x'), 'x', { mode: 0o600 })).rejects.toMatchObject(
      code('ssh.file_not_written'),
    );
    await expect(remote.writeFile(work, 'x', { mode: 0o600 })).rejects.toThrow('directory');
    await expect(remote.readFile(work, {})).rejects.toMatchObject(code('ssh.file_unreadable'));
    expect(await remote.readFile(join(work, 'none'), {})).toBeNull();
  });

  it('reads no more of a file than it was told', async () => {
    await remote.writeFile(join(work, 'large'), 'x'.repeat(2_000), { mode: 0o600 });
    expect(await remote.readFile(join(work, 'large'), { maxBytes: 2_000 })).toHaveLength(2_000);
    await expect(remote.readFile(join(work, 'large'), { maxBytes: 1_999 })).rejects.toMatchObject(
      code('ssh.output_too_large'),
    );
  });

  it('uploads a large file, tells how far it is, and puts it in place whole', async () => {
    const [from, to] = [join(made.directory, 'bundle'), join(work, 'bundle')];
    const data = randomBytes(12_000_000);
    await writeFile(from, data);
    const progress: number[] = [];
    await remote.uploadFile(from, to, { mode: 0o640 }, (bytes) => progress.push(bytes));
    expect((await readFile(to)).equals(data)).toBe(true);
    expect(progress.at(-1)).toBe(data.length);
    expect(progress.length).toBeGreaterThan(10);
  });

  it('leaves nothing behind when an upload is stopped', async () => {
    const [from, to] = [join(made.directory, 'bundle2'), join(work, 'bundle2')];
    await writeFile(from, randomBytes(12_000_000));
    const stop = new AbortController();
    await expect(
      remote.uploadFile(
        from,
        to,
        { mode: 0o640 },
        () => {
          stop.abort();
        },
        stop.signal,
      ),
    ).rejects.toMatchObject(code('ssh.cancelled'));
    await expect
      .poll(async () => (await readdir(work)).filter((entry) => entry.startsWith('.matriarch') || entry === 'bundle2'))
      .toEqual([]);
  });

  it('does not upload a local file that is not there', async () => {
    await expect(
      remote.uploadFile(join(made.directory, 'none'), join(work, 'x'), { mode: 0o600 }),
    ).rejects.toMatchObject(code('ssh.upload_failed'));
  });

  it('opens streams to services the server can reach', async () => {
    const stream = await remote.dial('127.0.0.1', await shouting(), 5_000);
    const answer = readAll(stream);
    stream.write('hello');
    expect(await answer).toBe('HELLO');
  });

  it('opens more streams at once than it has sessions', async () => {
    const port = await shouting();
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const stream = await remote.dial('127.0.0.1', port, 5_000);
        const answer = readAll(stream);
        stream.write(`n${index}`);
        return answer;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => `N${index}`));
  });

  it('says when nothing listens where a stream should go', async () => {
    const port = await shouting();
    for (const undo of cleanup.splice(0)) await undo();
    await expect(remote.dial('127.0.0.1', port, 5_000)).rejects.toMatchObject({
      data: { code: 'ssh.dial_refused', retryable: true },
    });
  });

  it('leads a port of the server back to this program', async () => {
    const listener = await remote.listen((stream) => {
      stream.on('data', (chunk: Buffer) => {
        stream.end(`got ${chunk.toString()}`);
      });
    });
    expect(listener.port).toBeGreaterThan(0);
    const socket = connect(listener.port, '127.0.0.1');
    const answer = readAll(socket);
    socket.write('this');
    expect(await answer).toBe('got this');
    await listener.close();
    await expect.poll(() => canConnect(listener.port)).toBe(false);
  });

  it('opens a terminal', async () => {
    const shell = await remote.shell({ columns: 80, rows: 24 });
    const shown = readAll(shell.stream);
    shell.resize(132, 43);
    shell.stream.write('echo si""gn; exit\n');
    expect(await shown).toContain('sign');
  });

  it(`is one connection all the time (${name})`, () => {
    expect(remote.state().kind).toBe('connected');
  });
});
