import { execFileSync, spawn } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { BALANCER_SCRIPT } from '../../../electron/core/balancers/balancer-script';
import { tempDirectory } from '../../support/temp';

it('the script tells the settings of a running vip-manager from its words, variables and file, and none of its passwords', async ({
  skip,
}) => {
  if (process.platform !== 'linux') skip('the script reads /proc');
  const { path, remove } = await tempDirectory();
  onTestFinished(remove);
  const [program, file] = [join(path, 'vip-manager'), join(path, 'own.yml')];
  await copyFile('/bin/bash', program);
  await writeFile(file, 'ip: 10.9.9.9\ntrigger-key: /service/x/leader\netcd-password: hidden-one\n');
  const words = [
    `--config=${file}`,
    '--etcd-password',
    'hidden-three',
    '--etcd-password=hidden-four',
    '--trigger-value',
    'n7',
  ];
  const env = { PATH: '/usr/bin:/bin', VIP_IP: '10.8.8.8', VIP_ETCD_PASSWORD: 'hidden-two' };
  const manager = spawn(program, ['-c', 'echo up; read', ...words], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => {
    manager.kill();
  });
  await new Promise((resolve) => manager.stdout.once('data', resolve));
  const said = execFileSync('/bin/sh', [], { input: BALANCER_SCRIPT, encoding: 'utf8', timeout: 30_000 });
  const parts = said.split('\n').map((line) => {
    const [name = '', text = ''] = line.split(' ');
    return [name, Buffer.from(text, 'base64').toString('utf8')] as const;
  });
  const told = parts.filter(
    ([, text]) => text.includes('n7') || text.includes('10.8.8.8') || text.includes('10.9.9.9'),
  );
  expect(told.map(([, text]) => text)).toEqual([
    `--config=${file}\n--trigger-value\nn7`,
    'VIP_IP=10.8.8.8',
    'ip: 10.9.9.9\ntrigger-key: /service/x/leader\n',
  ]);
  expect(JSON.stringify(parts)).not.toContain('hidden');
});
