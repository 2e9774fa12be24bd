import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Terminals } from '../../electron/core/terminal/create-terminals';
import type { TerminalKind } from '../../shared/model/terminal/terminal';
import { makePool, poolServer, type TestPool } from '../support/ssh/ssh-pool';
import { clusterOn, openAsPage, terminalsOn, type ReadTerminal } from '../support/terminal/open-terminals';
import { openLab, type Lab } from './support/lab';

const MINUTE = 60_000;
/** How long the session with many keys lasts; `LAB_TERMINAL_MINUTES=20` for the long one. */
const SESSION_MS = Number(process.env['LAB_TERMINAL_MINUTES'] ?? 1) * MINUTE;

describe('terminals on real servers', () => {
  let lab: Lab;
  let made: TestPool;
  let terminals: Terminals;

  beforeAll(async () => {
    lab = await openLab({ name: 'terminal', net: 50, suite: 'trixie', image: 'stack' });
    await lab.cluster({ layout: 'plain', nodes: ['n1', 'n2', 'n3'] });
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
    'programs that draw the whole screen work: less, and vim or vi where it is installed, write what was typed',
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
      await shell.type('stty size; $(command -v vim || command -v vi || echo cat) /tmp/written\n');
      await shows(shell, /30 100/);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await shell.type('iby hand\u001b:wq\n');
      await shell.type('\u0004\n');
      const hasEditor = (await lab.node('n1').tryExec('command -v vi')).code === 0;
      await expect
        .poll(async () => (await lab.node('n1').tryExec('cat /tmp/written')).stdout, { timeout: 20_000 })
        .toContain(hasEditor ? 'by hand' : '');
      terminals.close(shell.opened.id);
    },
    3 * MINUTE,
  );

  it(
    'a long session loses and reorders nothing of what is typed and shown',
    async () => {
      const shell = await open('admin', 'shell');
      await shell.type("stty -echo; PS1=; rm -f /tmp/session; : > /tmp/session; echo si''lent\n");
      await shows(shell, /silent\s/);
      const ends = Date.now() + SESSION_MS;
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
    SESSION_MS + 3 * MINUTE,
  );
});
