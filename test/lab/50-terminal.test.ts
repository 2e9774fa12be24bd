import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Terminals } from '../../electron/core/terminal/create-terminals';
import type { TerminalKind, TerminalSize } from '../../shared/model/terminal/terminal';
import { makePool, poolServer, type TestPool } from '../support/ssh/ssh-pool';
import { clusterOn, openAsPage, terminalsOn, type ReadTerminal } from '../support/terminal/open-terminals';
import { openLab, type Lab } from './support/lab';

const MINUTE = 60_000;
/** How long the long session lasts; the full run of the lab has it last 20 minutes. */
const SESSION_MS = Number(process.env['LAB_TERMINAL_MINUTES'] ?? 1) * MINUTE;
const LEAST_ROUNDS = 4;
/** Between keys that a person presses one after the other: at once, an escape and the next are one to vim, and two are a paste to tmux. */
const BY_HAND_MS = 300;
const TYPING_MS = 30_000;
const HUNDRED_MB_LINES = 1_000_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('terminals on real servers', () => {
  let lab: Lab;
  let made: TestPool;
  let terminals: Terminals;

  beforeAll(async () => {
    lab = await openLab({ name: 'terminal', net: 50, suite: 'trixie', image: 'stack' });
    await lab.cluster({ layout: 'plain', nodes: ['n1', 'n2', 'n3'] });
    await lab.node('n1').console('DEBIAN_FRONTEND=noninteractive apt-get install -y -q vim less tmux >/dev/null', {
      timeoutMs: 5 * MINUTE,
    });
    const host = lab.node('n1').ip;
    const servers = [
      poolServer(22, { id: 'admin', host, user: 'admin', auth: { kind: 'key', keyPath: lab.keyPath } }),
      poolServer(22, {
        id: 'dba',
        host,
        user: 'dba',
        auth: { kind: 'key', keyPath: lab.keyPath },
        sudo: { kind: 'password', passwordSecret: 'sudo' },
      }),
    ];
    made = await makePool({ servers, secrets: { sudo: lab.passwords.dba ?? '' } });
    const clusters = servers.map(({ id }) => clusterOn(id, { id, configPath: '/etc/patroni/config.yml' }));
    terminals = terminalsOn(made.pool, servers, clusters);
  }, 15 * MINUTE);
  afterAll(async () => {
    terminals?.closeAll();
    await made?.close();
    await lab?.down();
  }, 3 * MINUTE);

  const open = (login: string, kind: TerminalKind, size = { columns: 100, rows: 30 }): Promise<ReadTerminal> =>
    openAsPage(terminals, { at: 'member', clusterId: login, member: 'db1', kind }, size);
  const shows = (terminal: ReadTerminal, text: RegExp) =>
    expect.poll(() => terminal.text(), { timeout: 30_000 }).toMatch(text);

  it.each(['admin', 'dba'])(
    'psql asks the PostgreSQL of the member as %s, and says what psql there says by other means',
    async (login) => {
      const recovers = await lab.node('n1').psql('select pg_is_in_recovery()');
      const psql = await open(login, 'psql');
      await shows(psql, recovers === 't' ? /db1 \(replica\) postgres=# / : /db1 \(primary\) postgres=# /);
      await psql.type('select current_user || system_identifier from pg_control_system();\n');
      const identifier = await lab.node('n1').psql('select system_identifier from pg_control_system()');
      await shows(psql, new RegExp(`postgres${identifier}`));
      await expect
        .poll(() => terminals.activity(psql.opened.id), { timeout: 30_000 })
        .toEqual({ kind: 'busy', command: 'psql' });
      await psql.type('\\q\n');
      expect(await psql.end).toMatchObject({ kind: 'exited', code: 0 });
      expect(psql.text()).not.toContain(lab.passwords.dba);
    },
    2 * MINUTE,
  );

  it(
    'patronictl lists the members that patronictl there lists, in a shell that runs nothing while it waits',
    async () => {
      const shell = await open('dba', 'patronictl');
      for (const name of (await lab.node('n1').patronictl(['list', '-f', 'tsv'])).split('\n').slice(1, -1))
        await shows(shell, new RegExp(`\\| ${name.split('\t')[1] ?? ''} +\\|`));
      await shell.type('whoami; patronictl version\n');
      await shows(shell, /[\r\n]postgres\s[^]*patronictl version \d/);
      await expect.poll(() => terminals.activity(shell.opened.id)).toEqual({ kind: 'idle' });
      await shell.type('exit\n');
      await shell.end;
    },
    2 * MINUTE,
  );

  it(
    'programs that draw the whole screen work: less shows what was asked for, and vim writes what was typed',
    async () => {
      const shell = await open('admin', 'shell');
      await shows(shell, /\$ /);
      await shell.type('seq 1 5000 > /tmp/numbers; less /tmp/numbers\n');
      await shows(shell, /\n28\r?\n29/);
      await expect.poll(() => terminals.activity(shell.opened.id)).toEqual({ kind: 'busy', command: 'less' });
      await shell.type('G');
      await shows(shell, /5000/);
      await shell.type('q');
      await expect.poll(() => terminals.activity(shell.opened.id)).toEqual({ kind: 'idle' });
      await shell.type('stty size; vim /tmp/written\n');
      await shows(shell, /30 100/);
      await pause(1_500);
      await shell.type('iby hand\u001b:wq\n');
      await expect
        .poll(async () => (await lab.node('n1').tryExec('cat /tmp/written')).stdout, { timeout: 20_000 })
        .toContain('by hand');
      terminals.close(shell.opened.id);
    },
    3 * MINUTE,
  );

  it(
    'typing for a while loses and reorders nothing of what is typed and shown',
    async () => {
      const shell = await open('admin', 'shell');
      await shell.type("stty -echo; PS1=; rm -f /tmp/session; : > /tmp/session; echo si''lent\n");
      await shows(shell, /silent\s/);
      const ends = Date.now() + TYPING_MS;
      let count = 0;
      for (; Date.now() < ends; count += 1) {
        await shell.type(`echo line-${count} | tee -a /tmp/session\n`);
        if (count % 50 === 0) terminals.resize(shell.opened.id, { columns: 80 + (count % 40), rows: 24 });
        if (count % 20 === 0) await shows(shell, new RegExp(`line-${count}\\s`));
      }
      await shows(shell, new RegExp(`line-${count - 1}\\s`));
      const wanted = Array.from({ length: count }, (_, line) => `line-${line}`);
      expect((await lab.node('n1').exec('cat /tmp/session')).trim().split('\n')).toEqual(wanted);
      expect(shell.text().match(/line-\d+/g)).toEqual(wanted);
      await shell.type('exit\n');
      expect(await shell.end).toMatchObject({ kind: 'exited' });
    },
    TYPING_MS + 3 * MINUTE,
  );

  it(
    'a long session with vim, less and tmux writes, finds and keeps what was meant, while its size changes',
    async () => {
      const shell = await open('admin', 'shell');
      await shows(shell, /\$ /);
      await shell.type('PS1="re""ady> "; rm -f /tmp/by-vim /tmp/by-tmux; seq 1 200000 > /tmp/numbers\n');
      await shows(shell, /ready> $/);
      const session = new LongSession(lab, terminals, shell);
      const ends = Date.now() + SESSION_MS;
      let round = 0;
      for (; round < LEAST_ROUNDS || Date.now() < ends; round += 1) await session.goThrough(round);
      const rounds = Array.from({ length: round }, (_, index) => index);
      const lines = async (file: string): Promise<string[]> =>
        (await lab.node('n1').exec(`cat ${file}`)).trim().split('\n');
      expect(await lines('/tmp/by-vim')).toEqual(rounds.map((index) => `round ${index} by vim`));
      expect(await lines('/tmp/by-tmux')).toEqual(rounds.map((index) => `round ${index} by tmux`));
      console.log(`${round} rounds of vim, less and tmux in ${SESSION_MS / MINUTE} minutes.`);
      terminals.close(shell.opened.id);
    },
    SESSION_MS + 5 * MINUTE,
  );

  it(
    '100 MB of output come whole and in order, while the size changes and the reader is slower than the server',
    async () => {
      const output = new NumberedOutput();
      const target = { at: 'member', clusterId: 'admin', member: 'db1', kind: 'shell' } as const;
      const shell = await openAsPage(terminals, target, undefined, (bytes) => output.take(bytes));
      await shows(shell, /\$ /);
      await shell.type(
        `stty -echo -onlcr; echo; seq -f 'n%098.0f' 1 ${HUNDRED_MB_LINES}; echo all-${'done'}-$((40 + 2))\n`,
      );
      for (let turn = 0; output.lines < HUNDRED_MB_LINES && turn < 600; turn += 1) {
        terminals.resize(shell.opened.id, { columns: 80 + (turn % 60), rows: 20 + (turn % 30) });
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      expect(output).toMatchObject({ lines: HUNDRED_MB_LINES, wrong: [] });
      await shows(shell, /all-done-42/);
      await shell.type('stty sane; exit\n');
      expect(await shell.end).toMatchObject({ kind: 'exited' });
    },
    5 * MINUTE,
  );

  it(
    'a terminal whose connection is cut says that it was lost; what ran in tmux there goes on, and is attached again',
    async () => {
      const shell = await open('admin', 'shell');
      await shows(shell, /\$ /);
      await shell.type('tmux new-session -A -s kept\n');
      await expect.poll(() => terminals.activity(shell.opened.id), { timeout: 30_000 }).toMatchObject({ kind: 'busy' });
      await shell.type('for i in $(seq 1 900); do echo tick-$i; sleep 1; done\n');
      await shows(shell, /tick-3\s/);
      await lab.partition({ kind: 'cut', nodes: ['n1'] });
      try {
        expect(await shell.end).toMatchObject({ kind: 'lost' });
      } finally {
        await lab.heal();
      }
      const last = Number([...shell.text().matchAll(/tick-(\d+)/g)].at(-1)?.[1]);
      const again = await open('admin', 'shell');
      await shows(again, /\$ /);
      await again.type('tmux attach-session -d -t kept\n');
      await shows(again, new RegExp(`tick-${last}\\D[^]*tick-${last + 1}\\D`));
      await again.type('\u0003');
      await pause(BY_HAND_MS);
      await again.type('\u0002');
      await pause(BY_HAND_MS);
      await again.type('d');
      await shows(again, /detached \(from session kept\)/);
      expect(await lab.node('n1').exec('tmux list-sessions', { user: 'admin' })).toMatch(/^kept: 1 windows/m);
      await again.type('tmux kill-session -t kept; exit\n');
      expect(await again.end).toMatchObject({ kind: 'exited' });
    },
    5 * MINUTE,
  );
});

/** Sizes that a window is drawn to. */
const SIZES: readonly TerminalSize[] = [
  { columns: 100, rows: 30 },
  { columns: 80, rows: 24 },
  { columns: 211, rows: 63 },
  { columns: 40, rows: 10 },
];

/** A shell in which programs that draw the whole screen are used in turn. Each round is proven by the server's own files. */
class LongSession {
  readonly #lab: Lab;
  readonly #terminals: Terminals;
  readonly #shell: ReadTerminal;

  constructor(lab: Lab, terminals: Terminals, shell: ReadTerminal) {
    this.#lab = lab;
    this.#terminals = terminals;
    this.#shell = shell;
  }

  async goThrough(round: number): Promise<void> {
    await this.#inShell(round);
    await this.#inVim(round);
    await this.#inLess(round);
    await this.#inTmux(round);
  }

  async #inShell(round: number): Promise<void> {
    const { columns, rows } = this.#resize(round);
    await this.#typeAndSee(`stty size; echo of-${round}\n`, new RegExp(`${rows} ${columns}\\s+of-${round}\\s`));
  }

  async #inVim(round: number): Promise<void> {
    await this.#begin('vim -u NONE -N -n /tmp/by-vim\n', /^vim/);
    await this.#shell.type(round === 0 ? 'i' : 'Go');
    this.#resize(round + 1);
    await this.#shell.type(`round ${round} by vim\u001b`);
    await pause(BY_HAND_MS);
    await this.#typeAndSee(':wq\n', /ready> /);
  }

  async #inLess(round: number): Promise<void> {
    const number = 1_000 + ((round * 7_919) % 190_000);
    await this.#begin('less /tmp/numbers\n', /^less/);
    await this.#typeAndSee(`/^${number}$\n`, new RegExp(`\\D${number}\\D[^]{0,40}\\D${number + 1}\\D`));
    this.#resize(round + 2);
    // less itself drops a key that comes while it takes its new size: a person presses it again.
    await this.#pressUntil('G', /\D199999\D[^]{0,40}\D200000\D/);
    await this.#typeAndSee('q', /ready> /);
  }

  async #inTmux(round: number): Promise<void> {
    await this.#begin('tmux new-session -A -s long\n', /^tmux/);
    const { columns } = this.#resize(round + 3);
    await this.#shell.type(`echo round ${round} by tmux >> /tmp/by-tmux\n`);
    const width = (): Promise<string> =>
      this.#lab.node('n1').exec("tmux list-clients -t long -F '#{client_width}'", { user: 'admin' });
    await expect.poll(width, { timeout: 30_000, interval: 500 }).toBe(`${columns}\n`);
    await expect
      .poll(() => this.#lab.node('n1').exec('cat /tmp/by-tmux 2>/dev/null || true'), { timeout: 30_000, interval: 500 })
      .toContain(`round ${round} by tmux\n`);
    await this.#shell.type('\u0002');
    await pause(BY_HAND_MS);
    await this.#typeAndSee('d', /detached \(from session long\)[^]*ready> /);
  }

  #resize(turn: number): TerminalSize {
    const size = SIZES[turn % SIZES.length] ?? { columns: 80, rows: 24 };
    this.#terminals.resize(this.#shell.opened.id, size);
    return size;
  }

  /** Types a command and waits until it has the terminal. */
  async #begin(command: string, name: RegExp): Promise<void> {
    await this.#shell.type(command);
    const running = async (): Promise<string> => {
      const activity = await this.#terminals.activity(this.#shell.opened.id);
      return activity.kind === 'busy' ? activity.command : '';
    };
    await expect.poll(running, { timeout: 30_000, interval: 300 }).toMatch(name);
  }

  async #pressUntil(key: string, text: RegExp): Promise<void> {
    const before = this.#shell.text().length;
    for (let tries = 0; tries < 10 && !text.test(this.#shell.text().slice(before)); tries += 1) {
      await this.#shell.type(key);
      await pause(5 * BY_HAND_MS);
    }
    expect(this.#shell.text().slice(before)).toMatch(text);
  }

  /** Only what comes after the keys counts. */
  async #typeAndSee(keys: string, text: RegExp): Promise<void> {
    const before = this.#shell.text().length;
    await this.#shell.type(keys);
    await expect.poll(() => this.#shell.text().slice(before), { timeout: 30_000 }).toMatch(text);
  }
}

/** Counts lines of `seq -f 'n%098.0f'` that come one after the other, in whatever pieces. */
class NumberedOutput {
  lines = 0;
  readonly wrong: string[] = [];
  #rest = '';

  take(bytes: Buffer): void {
    const parts = `${this.#rest}${bytes.toString('latin1')}`.split('\n');
    this.#rest = parts.pop() ?? '';
    for (const line of parts) this.#line(line);
  }

  #line(line: string): void {
    if (!/^n\d{98}$/.test(line)) return;
    this.lines += 1;
    if (Number(line.slice(1)) !== this.lines && this.wrong.length < 5) this.wrong.push(line);
  }
}
