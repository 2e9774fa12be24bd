import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually';
import { startApp, type TestApp, type TestClient } from '../../support/app/app';
import type { TerminalKind, TerminalTarget } from '../../../shared/model/terminal/terminal';

const clusterId = 'demo-cluster-ledger';

describe('a terminal of the demo, over the WebSocket', () => {
  let app: TestApp;
  let client: TestClient;
  let close: () => void;

  beforeAll(async () => {
    app = await startApp({ page: false });
    ({ client, close } = await app.connect());
    await client.demo.start({ clusters: [{ scope: 'ledger', members: 3 }] });
    await eventually(
      'the cluster is healthy',
      () => app.app.core.services.hub.state(clusterId)?.health.level === 'healthy',
    );
  });
  afterAll(async () => {
    close();
    await app.close();
  });

  async function open(target: TerminalTarget): Promise<{ id: string; text: () => string; end: Promise<unknown> }> {
    const { id } = await client.terminals.open({ target, size: { columns: 80, rows: 24 } });
    let text = '';
    let seen = 0;
    const read = async (): Promise<unknown> => {
      for await (const item of await client.terminals.output({ id, from: 0 })) {
        if (item.kind === 'ended') return item.end;
        const bytes = Buffer.from(item.data, 'base64');
        seen += bytes.length;
        text = (text + bytes.toString('utf8')).slice(-20_000);
        await client.terminals.acknowledge({ id, upTo: seen });
      }
      return null;
    };
    return { id, text: () => text, end: read().catch(() => null) };
  }
  const onMember = (kind: TerminalKind, member = 'ledger-1'): TerminalTarget => ({
    at: 'member',
    clusterId,
    member,
    kind,
  });
  const type = (id: string, text: string) => client.terminals.write({ id, data: Buffer.from(text).toString('base64') });

  it('has a shell that lists, prints and ends', async () => {
    const { id, text, end } = await open(onMember('shell'));
    await expect.poll(text).toContain('demo@ledger-1:~$ ');
    await type(id, 'cat /etc/hostname\rls\r');
    await expect.poll(text).toMatch(/\r\nledger-1\r\n[^]*\/etc\/patroni\/config\.yml/);
    await type(id, 'exit 4\r');
    expect(await end).toEqual({ kind: 'exited', code: 4, signal: null });
  });

  it('has a psql that follows the simulated cluster, and a patronictl that lists it', async () => {
    const psql = await open(onMember('psql'));
    await expect.poll(psql.text).toContain('ledger-1 (primary) postgres=# ');
    await type(psql.id, 'select pg_is_in_recovery();\r');
    await expect.poll(psql.text).toMatch(/pg_is_in_recovery\s+-+\s+f\s/);
    expect(await client.terminals.activity({ id: psql.id })).toEqual({ kind: 'busy', command: 'psql' });
    const patronictl = await open(onMember('patronictl', 'ledger-2'));
    await expect.poll(patronictl.text).toMatch(/\| ledger-1 \| \S+ +\| Leader +\| running/);
    await type(patronictl.id, 'whoami\r');
    await expect.poll(patronictl.text).toMatch(/whoami\r\npostgres\r\n/);
    expect(await client.terminals.activity({ id: patronictl.id })).toEqual({ kind: 'idle' });
  });

  it('with `yes` in it leaves the app quick, and Ctrl+C ends it', async () => {
    const { id, text } = await open(onMember('shell', 'ledger-3'));
    await type(id, 'yes\r');
    await expect.poll(() => text().length).toBe(20_000);
    expect(await client.terminals.activity({ id })).toEqual({ kind: 'busy', command: 'yes' });
    const started = performance.now();
    for (let calls = 0; calls < 20; calls += 1) await client.app.info();
    expect((performance.now() - started) / 20).toBeLessThan(250);
    await type(id, '\u0003');
    await expect.poll(() => text().slice(-40)).toContain('demo@ledger-3:~$ ');
    await client.terminals.close({ id });
  });

  it('stands in the history without anything that was typed', async () => {
    const { id, text } = await open(onMember('shell', 'ledger-2'));
    await type(id, 'echo correct horse\r');
    await expect.poll(text).toContain('\r\ncorrect horse');
    const rows = await client.history.list({ clusterId, limit: 100 });
    expect(
      rows.find((row) => row.target === 'ledger-2' && row.command?.includes('patronictl') === false),
    ).toMatchObject({
      kind: 'terminal',
      status: 'done',
      clusterTitle: 'ledger',
      command: expect.stringContaining('ssh -p'),
    });
    expect(JSON.stringify(rows)).not.toContain('correct horse');
  });

  it('is refused on a read-only cluster until the user says that nothing is checked there', async () => {
    const entry = app.app.core.services.inventory.cluster(clusterId);
    if (entry === undefined) throw new Error('the demo has no such cluster');
    await app.app.core.services.inventory.saveCluster({ ...entry, readOnly: true });
    const request = { target: onMember('psql', 'ledger-3'), size: { columns: 80, rows: 24 } };
    await expect(client.terminals.open(request)).rejects.toMatchObject({ data: { code: 'terminal.read_only' } });
    expect(await client.terminals.open({ ...request, unchecked: true })).toMatchObject({ kind: 'psql' });
  });
});
