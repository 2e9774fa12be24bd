import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issue, makeAuthority } from '../../../electron/core/deploy/tls/authority';
import {
  CERTIFICATE_EXIT,
  CERTIFICATE_LOOK_SCRIPT,
  CERTIFICATE_PLACE_SCRIPT,
  STAMP_SCRIPT,
} from '../../../electron/core/repair/certificates/certificate-file-scripts';
import { publicKeyOf } from '../../../electron/core/repair/certificates/look-at-files';

const SUFFIX = '.matriarch-kept-1';

describe('the scripts by which certificates are looked at and put in place', () => {
  let directory: string;
  let cert: string;
  let key: string;

  const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const run = (script: string, args: readonly string[], input = '', env: Readonly<Record<string, string>> = {}) =>
    spawnSync('/bin/sh', ['-c', script, 'sh', ...args], { encoding: 'utf8', input, env: { ...process.env, ...env } });
  const order = (how: string, path: string, before: string, text: string): string =>
    [how, encode(path), sha(before), encode(text)].join(' ');
  const place = (lines: readonly string[], end = 'end\n') =>
    run(CERTIFICATE_PLACE_SCRIPT, [SUFFIX, directory], `${lines.join('\n')}\n${end}`);
  const names = (): readonly string[] => readdirSync(directory).sort();

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "certificates 'of' $(a) "));
    [cert, key] = [join(directory, 'server.crt'), join(directory, 'server.key')];
    writeFileSync(cert, 'old certificate\n', { mode: 0o644 });
    writeFileSync(key, 'old key\n', { mode: 0o600 });
    chmodSync(key, 0o640);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('keep the former files beside, with the mode that they had, and leave nothing else behind', () => {
    const done = place([
      order('put', key, 'old key\n', 'new key\n'),
      order('put', cert, 'old certificate\n', 'new certificate\n'),
    ]);
    expect([done.status, done.stdout, done.stderr]).toEqual([0, 'end\n', '']);
    expect(names()).toEqual(['server.crt', `server.crt${SUFFIX}`, 'server.key', `server.key${SUFFIX}`]);
    expect(readFileSync(key, 'utf8')).toBe('new key\n');
    expect(readFileSync(key + SUFFIX, 'utf8')).toBe('old key\n');
    for (const path of [key, key + SUFFIX]) expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('add an authority behind those that are there', () => {
    expect(place([order('add', cert, 'old certificate\n', 'another\n')]).status).toBe(0);
    expect(readFileSync(cert, 'utf8')).toBe('old certificate\n\nanother\n');
  });

  it('put nothing in place where one file has changed, is a link or did not arrive whole', () => {
    const first = order('put', key, 'old key\n', 'new key\n');
    expect(place([first, order('put', cert, 'something else', 'x')]).status).toBe(CERTIFICATE_EXIT.changed);
    const link = join(directory, 'link.crt');
    symlinkSync(cert, link);
    expect(place([first, order('put', link, 'old certificate\n', 'x')]).status).toBe(CERTIFICATE_EXIT.link);
    expect(place([first], '').status).toBe(CERTIFICATE_EXIT.incomplete);
    expect(readFileSync(key, 'utf8')).toBe('old key\n');
    expect(names()).toEqual(['link.crt', 'server.crt', 'server.key']);
  });

  it('tell of a key no more than its public half, whatever the file is called', async () => {
    const authority = await makeAuthority('Example', Date.now());
    const made = await issue(
      { ...authority, trusted: authority.cert },
      { commonName: 'db1', names: ['db1'], addresses: [] },
      Date.now(),
    );
    writeFileSync(cert, `${made.cert}${made.key}`);
    const { stdout } = run(CERTIFICATE_LOOK_SCRIPT, [cert, join(directory, 'none')]);
    const [file = '', missing, end] = stdout.trimEnd().split('\n');
    const words = file.split(' ');
    expect(words[0]).toBe('file');
    expect(Buffer.from(words[6] ?? '', 'base64').toString('utf8')).toBe(made.cert);
    expect(words[7]).toBe(publicKeyOf(new X509Certificate(made.cert)));
    expect(missing).toBe(`missing ${encode(join(directory, 'none'))}`);
    expect(end).toBe('end');
  });

  it('bring the notes of a set-up up to date for the named files alone', () => {
    mkdirSync(join(directory, 'orders'));
    const stamp = join(directory, 'orders/etcd.service.sha256');
    writeFileSync(stamp, `${sha('former')}  ${cert}\n${sha('other')}  ${key}\n`);
    expect(run(STAMP_SCRIPT, [cert], '', { STAMPS: directory }).status).toBe(0);
    expect(readFileSync(stamp, 'utf8')).toBe(`${sha('old certificate\n')}  ${cert}\n${sha('other')}  ${key}\n`);
  });
});
