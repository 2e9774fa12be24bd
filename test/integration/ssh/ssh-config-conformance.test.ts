import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookUpHost, readSshConfig } from '../../../electron/core/ssh/connect/ssh-config';
import { bracketHost } from '../../../shared/model/connect/host-port';
import { SSH_CONFIG_CORPUS } from '../../support/ssh/ssh-config-corpus';
import { tempDirectory } from '../../support/temp';

const AGENT = '/run/named-by-a-variable.sock';

/** What `ssh -G` prints of a host; defaults of key files are left out. */
function askOpenSsh(config: string, host: string): object {
  const asked = spawnSync('ssh', ['-G', '-F', config, host], { encoding: 'utf8', timeout: 20_000 });
  const all = (keyword: string): string[] =>
    asked.stdout
      .split('\n')
      .filter((line) => line.startsWith(`${keyword} `))
      .map((line) => line.slice(keyword.length + 1));
  return {
    hostName: all('hostname')[0],
    user: all('user')[0],
    port: Number(all('port')[0]),
    identityFiles: all('identityfile').filter((file) => !file.startsWith('~')),
    identityAgent: (all('identityagent')[0] ?? '').replace('$MY_AGENT', AGENT),
    identitiesOnly: all('identitiesonly')[0] === 'yes',
    proxyJump: all('proxyjump')[0] ?? '',
  };
}

function askOurs(text: string, host: string, home: string): object {
  const found = lookUpHost(text, host, home);
  const jump = found.proxyJump.map((hop) => {
    const [user, port] = [hop.user === null ? '' : `${hop.user}@`, hop.port === null ? '' : `:${hop.port}`];
    return `${user}${bracketHost(hop.host)}${port}`;
  });
  return {
    hostName: found.hostName ?? host,
    user: found.user ?? userInfo().username,
    port: found.port ?? 22,
    identityFiles: found.identityFiles,
    identityAgent: found.identityAgent === null ? 'none' : (found.identityAgent ?? ''),
    identitiesOnly: found.identitiesOnly ?? false,
    proxyJump: jump.join(','),
  };
}

describe('a configuration of the SSH client', () => {
  if (spawnSync('ssh', ['-V']).status !== 0) {
    it.skip('(skipped: ssh is not installed (package openssh-client))', () => undefined);
    return;
  }

  it.each(SSH_CONFIG_CORPUS)('with $about means what it means to ssh', async ({ files, hosts }) => {
    const { path: home, remove } = await tempDirectory();
    onTestFinished(remove);
    const directory = join(home, '.ssh');
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), text.replaceAll('DIR', directory), { mode: 0o600 });
    }
    process.env['MY_AGENT'] = AGENT;
    onTestFinished(() => {
      delete process.env['MY_AGENT'];
    });
    const text = await readSshConfig(home);
    for (const host of hosts)
      expect([host, askOurs(text, host, home)]).toEqual([host, askOpenSsh(join(directory, 'config'), host)]);
  });

  it('with the hash of a connection in a path means what it means to ssh, which shows it of ControlPath', async () => {
    const { path: home, remove } = await tempDirectory();
    onTestFinished(remove);
    const config = join(home, 'config');
    const text = 'Host db1\n HostName h.example\n User u\n Port 7\n IdentityFile /x-%C\n ControlPath /x-%C\n';
    await writeFile(config, text);
    const asked = spawnSync('ssh', ['-G', '-F', config, 'db1'], { encoding: 'utf8', timeout: 20_000 });
    const shown = /^controlpath (.*)$/m.exec(asked.stdout)?.[1];
    expect(lookUpHost(text, 'db1', home).identityFiles).toEqual([shown]);
  });
});
