import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepServers, serverStateFile, uncheckedServers } from '../../../../shared/rules/deploy/files/haproxy-servers';
import { layoutOf } from '../../../../shared/rules/deploy/layout';
import { specFixture } from '../../../support/deploy/facts';
import { tempDirectory, type TempDirectory } from '../../../support/temp';

const spec = specFixture();
/** Where the fields of a server's check and agent stand (HAProxy's management guide, "show servers state"). */
const CHECK_ADDRESS = 22;
const AGENT_ADDRESS = 23;
const AGENT_PORT = 24;

/** Fields of each server in a file of server states. */
const serversIn = (text: string): readonly (readonly string[])[] =>
  text
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) => line.split(' '));

/** HAProxy applies a state whole only where it names nothing that the configuration does not have. */
function namesOnlyWhatThereIs(servers: readonly (readonly string[])[]): void {
  expect(servers.length).toBeGreaterThan(0);
  for (const fields of servers)
    expect([fields[CHECK_ADDRESS], fields[AGENT_ADDRESS], fields[AGENT_PORT]]).toEqual(['-', '-', '0']);
}

describe('the states of its servers that HAProxy reads at its start', () => {
  let temp: TempDirectory;
  let admin: Server | null = null;

  beforeEach(async () => {
    temp = await tempDirectory();
  });
  afterEach(async () => {
    await new Promise((resolve) => (admin === null ? resolve(null) : admin.close(resolve)));
    admin = null;
    await temp.remove();
  });

  /** Runs the program that writes them, with its files in a directory of the test; answers what it wrote. */
  async function written(): Promise<string> {
    const unchecked = join(temp.path, 'unchecked');
    await writeFile(unchecked, uncheckedServers(spec));
    const program = keepServers(spec)
      .replaceAll(layoutOf(spec).haproxyUnchecked, unchecked)
      .replaceAll(serverStateFile, join(temp.path, 'kept'))
      .replaceAll('/run/haproxy/admin.sock', join(temp.path, 'admin.sock'));
    const perl = spawn('perl', ['-'], { stdio: ['pipe', 'ignore', 'inherit'] });
    perl.stdin.end(program);
    expect(await new Promise((resolve) => perl.once('close', resolve))).toBe(0);
    return readFile(join(temp.path, 'kept'), 'utf8');
  }

  it('name no agent and no address of a check, so that it applies them whole', () => {
    namesOnlyWhatThereIs(serversIn(uncheckedServers(spec)));
  });

  it('are those of the running HAProxy, without the agents that it names although there are none', async () => {
    const answer = serversIn(uncheckedServers(spec)).map((fields) => [
      ...fields.slice(0, 5),
      '2',
      ...fields.slice(6, 24),
      '8008',
    ]);
    const head = uncheckedServers(spec).split('\n').slice(0, 2);
    admin = createServer((socket) => {
      socket.resume();
      socket.end([...head, ...answer.map((fields) => fields.join(' ')), '', ''].join('\n'));
    });
    await new Promise<void>((resolve) => admin?.listen(join(temp.path, 'admin.sock'), resolve));
    const servers = serversIn(await written());
    expect(servers.map((fields) => fields[5])).toEqual(answer.map(() => '2'));
    namesOnlyWhatThereIs(servers);
  });

  it('are written where no HAProxy runs: nobody was asked yet', async () => {
    expect(await written()).toBe(uncheckedServers(spec));
  });
});
