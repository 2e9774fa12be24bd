import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Terminals } from '../../../electron/core/terminal/create-terminals';
import { OUTPUT_WINDOW } from '../../../shared/rules/terminal/output-window';
import { makeFakeSudo } from '../../support/ssh/fake-sudo';
import { startRealSshd } from '../../support/ssh/real-sshd';
import { makePool, poolServer, recordingUser } from '../../support/ssh/ssh-pool';
import { startSshServer, type SshServerOptions, type TestSshServer } from '../../support/ssh/ssh-server';
import { clusterOn, openAsPage, terminalsOn } from '../../support/terminal/open-terminals';

const size = { columns: 80, rows: 24 };
const onServer = { at: 'server', serverId: 'db1' } as const;
const cleanup: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function inProcess(
  options: SshServerOptions = {},
  change: Parameters<typeof poolServer>[1] = {},
  user = recordingUser(),
): Promise<{ server: TestSshServer; terminals: Terminals }> {
  const server = await startSshServer(options);
  cleanup.push(() => server.close());
  const servers = [poolServer(server.port, change)];
  const { pool, close } = await makePool({ servers, secrets: { login: 'right horse' }, ask: user.ask });
  cleanup.push(close);
  const terminals = terminalsOn(pool, servers);
  cleanup.push(() => terminals.closeAll());
  return { server, terminals };
}

describe('a terminal on a server', () => {
  it('shows what its shell says, takes what is typed, and tells the exit code', async () => {
    const { terminals } = await inProcess();
    const terminal = await openAsPage(terminals, onServer);
    expect(terminal.opened).toMatchObject({ kind: 'shell', server: 'db1', user: 'dba', clusters: [] });
    await terminal.type('echo si""gn; exit 3\n');
    expect(await terminal.end).toEqual({ kind: 'exited', code: 3, signal: null });
    expect(terminal.text()).toContain('sign');
  });

  it('that lost its connection says so, and a new one opens on a new connection', async () => {
    const { server, terminals } = await inProcess();
    const terminal = await openAsPage(terminals, onServer);
    await terminal.type('echo rea""dy\n');
    await expect.poll(() => terminal.text()).toContain('ready');
    server.cut();
    expect(await terminal.end).toMatchObject({ kind: 'lost', error: { code: 'ssh.connection_lost', target: 'db1' } });
    const next = await openAsPage(terminals, onServer);
    await next.type('exit\n');
    expect(await next.end).toMatchObject({ kind: 'exited', code: 0 });
    expect(server.connections()).toBe(2);
  });

  it('is one of five on a connection, and the app still runs its own commands beside them', async () => {
    const { server, terminals } = await inProcess();
    for (let open = 0; open < 5; open += 1) await openAsPage(terminals, onServer);
    await expect(openAsPage(terminals, onServer)).rejects.toMatchObject({ data: { code: 'terminal.too_many' } });
    const last = await openAsPage(terminals, onServer).catch(() => null);
    expect(last).toBeNull();
    expect(server.connections()).toBe(1);
  });

  it('that was closed from here is gone for whoever still writes to it later', async () => {
    const { terminals } = await inProcess();
    const { opened, end } = await openAsPage(terminals, onServer);
    terminals.close(opened.id);
    expect(await end).toEqual({ kind: 'closed' });
    await terminals.write(opened.id, Buffer.from('too late\n'));
    await expect(async () => terminals.activity('another')).rejects.toMatchObject({ data: { code: 'terminal.gone' } });
  });
});

describe('a terminal as another user', () => {
  const target = { at: 'member', clusterId: 'orders', member: 'db1', kind: 'patronictl' } as const;

  it('answers sudo with the stored password and shows nothing of it', async () => {
    const sudo = await makeFakeSudo({ kind: 'password', password: 'sesame open' });
    cleanup.push(() => sudo.close());
    const server = await startSshServer({ path: sudo.path });
    cleanup.push(() => server.close());
    const servers = [poolServer(server.port, { sudo: { kind: 'password', passwordSecret: 'sudo' } })];
    const { pool, close } = await makePool({ servers, secrets: { login: 'right horse', sudo: 'sesame open' } });
    cleanup.push(close);
    const terminals = terminalsOn(pool, servers, [clusterOn('db1', { configPath: '/etc/patroni/16 main.yml' })]);
    const terminal = await openAsPage(terminals, target);
    await terminal.type('echo I am $SUDO_AS with $PATRONICTL_CONFIG_FILE; exit\n');
    expect(await terminal.end).toMatchObject({ kind: 'exited', code: 0 });
    expect(terminal.text()).toContain('I am postgres with /etc/patroni/16 main.yml');
    expect(terminal.text()).not.toMatch(/sesame|password-|ready-/);
  });

  it('is refused with the reason of sudo where the user may not become another', async () => {
    const sudo = await makeFakeSudo({ kind: 'forbidden' });
    cleanup.push(() => sudo.close());
    const server = await startSshServer({ path: sudo.path });
    cleanup.push(() => server.close());
    const servers = [poolServer(server.port)];
    const { pool, close } = await makePool({ servers, secrets: { login: 'right horse' } });
    cleanup.push(close);
    const terminals = terminalsOn(pool, servers, [clusterOn('db1')]);
    await expect(openAsPage(terminals, target)).rejects.toMatchObject({ data: { code: 'ssh.sudo_not_allowed' } });
  });

  it('is opened on a server of a read-only cluster only by a user who knows that nothing is checked there', async () => {
    const server = await startSshServer();
    cleanup.push(() => server.close());
    const servers = [poolServer(server.port)];
    const { pool, close } = await makePool({ servers, secrets: { login: 'right horse' } });
    cleanup.push(close);
    const terminals = terminalsOn(pool, servers, [clusterOn('db1', { readOnly: true, production: true })]);
    const request = { target: onServer, size, unchecked: false };
    await expect(terminals.open(request)).rejects.toMatchObject({
      data: { code: 'terminal.read_only', message: expect.stringContaining('orders') },
    });
    expect(server.logins()).toBe(0);
    const opened = await terminals.open({ ...request, unchecked: true });
    expect(opened.clusters).toEqual([{ clusterId: 'orders', title: 'orders', production: true, readOnly: true }]);
  });
});

describe('a page that shows output slowly', () => {
  it('holds the server back: 100 MB arrive whole and in order, and little of it waits in the core', async () => {
    const { terminals } = await inProcess();
    const { id } = await terminals.open({ target: onServer, size, unchecked: false });
    const lines = 10_000_000;
    await terminals.write(id, Buffer.from(`seq -f %09.0f 1 ${lines}; exit\n`));
    const hash = createHash('sha256');
    let seen = 0;
    let acknowledged = 0;
    let most = 0;
    for await (const item of terminals.read(id, 0)) {
      if (item.kind === 'ended') break;
      const bytes = Buffer.from(item.data, 'base64');
      hash.update(bytes);
      seen += bytes.length;
      most = Math.max(most, seen - acknowledged);
      if (seen - acknowledged < OUTPUT_WINDOW / 2) continue;
      await new Promise((resolve) => setTimeout(resolve, 1));
      acknowledged = seen;
      terminals.acknowledge(id, acknowledged);
    }
    const whole = createHash('sha256');
    for (let line = 1; line <= lines; line += 10_000)
      whole.update(Array.from({ length: 10_000 }, (_, at) => `${String(line + at).padStart(9, '0')}\n`).join(''));
    expect(seen).toBe(lines * 10);
    expect(hash.digest('hex')).toBe(whole.digest('hex'));
    expect(most).toBeLessThan(2 * OUTPUT_WINDOW);
  });

  it('that shows nothing stops the server, and one that comes back gets what it missed', async () => {
    const { terminals } = await inProcess();
    const { id } = await terminals.open({ target: onServer, size, unchecked: false });
    await terminals.write(id, Buffer.from('seq -f %09.0f 1 1000000; exit\n'));
    const leaving = new AbortController();
    let first = Buffer.alloc(0);
    setTimeout(() => leaving.abort(), 1_500);
    for await (const item of terminals.read(id, 0, leaving.signal))
      if (item.kind === 'output') first = Buffer.concat([first, Buffer.from(item.data, 'base64')]);
    expect(first.length).toBeGreaterThanOrEqual(OUTPUT_WINDOW);
    expect(first.length).toBeLessThan(2 * OUTPUT_WINDOW);
    let all = first.subarray(0, 100_000);
    terminals.acknowledge(id, all.length);
    for await (const item of terminals.read(id, all.length)) {
      if (item.kind === 'ended') break;
      all = Buffer.concat([all, Buffer.from(item.data, 'base64')]);
      terminals.acknowledge(id, all.length);
    }
    expect(all.length).toBe(10_000_000);
    expect(all.subarray(-10).toString()).toBe('001000000\n');
  });
});

describe("a terminal of OpenSSH's server", () => {
  let terminals: Terminals;

  beforeEach(async () => {
    const sshd = await startRealSshd();
    cleanup.push(() => sshd.close());
    const servers = [poolServer(sshd.port, { user: sshd.user, auth: { kind: 'key', keyPath: sshd.keyPath } })];
    const { pool, close } = await makePool({ servers });
    cleanup.push(close);
    terminals = terminalsOn(pool, servers);
    cleanup.push(() => terminals.closeAll());
  });

  it('has the size of the page, and follows it', async () => {
    const terminal = await openAsPage(terminals, onServer, { columns: 101, rows: 33 });
    await terminal.type('stty size; echo $TERM\n');
    await expect.poll(() => terminal.text()).toMatch(/33 101\s+xterm-256color/);
    terminals.resize(terminal.opened.id, { columns: 132, rows: 43 });
    await terminal.type('stty size\n');
    await expect.poll(() => terminal.text()).toContain('43 132');
  });

  it('passes keys on as they are: Ctrl+C ends what runs, and every byte of UTF-8 arrives', async () => {
    const terminal = await openAsPage(terminals, onServer);
    await terminal.type('yes\n');
    await expect.poll(() => terminal.text().length).toBeGreaterThan(1_000_000);
    await terminal.type('\u0003');
    await terminal.type("printf '<%s>' 'Größe ✓'\n");
    await expect.poll(() => terminal.text().slice(-3_000)).toContain('<Größe ✓>');
  });

  it('knows what runs in it, and that a shell which waits runs nothing', async () => {
    const idle = await openAsPage(terminals, onServer);
    const busy = await openAsPage(terminals, onServer);
    const { id } = busy.opened;
    // A shell that starts runs what its start-up files name.
    await expect.poll(() => terminals.activity(id)).toEqual({ kind: 'idle' });
    await busy.type('sleep 4321\n');
    await expect.poll(() => terminals.activity(id)).toEqual({ kind: 'busy', command: 'sleep' });
    await expect.poll(() => terminals.activity(idle.opened.id)).toEqual({ kind: 'idle' });
    await busy.type('\u0003');
    await expect.poll(() => terminals.activity(id)).toEqual({ kind: 'idle' });
    await idle.type('exit\n');
    await idle.end;
    expect(await terminals.activity(id)).toEqual({ kind: 'idle' });
  });

  it('that is closed hangs up on what runs in it', async () => {
    const first = await openAsPage(terminals, onServer);
    await first.type('sh -c "echo pi""d \\$\\$; exec sleep 4322"\n');
    const pid = await expect
      .poll(() => /pid (\d+)\s/.exec(first.text())?.[1])
      .toBeTruthy()
      .then(() => /pid (\d+)\s/.exec(first.text())?.[1]);
    terminals.close(first.opened.id);
    const second = await openAsPage(terminals, onServer);
    await second.type(
      `for n in $(seq 50); do kill -0 ${pid} 2>/dev/null || break; sleep 0.1; done; kill -0 ${pid} 2>/dev/null || echo go""ne\n`,
    );
    await expect.poll(() => second.text()).toContain('gone');
  });
});
