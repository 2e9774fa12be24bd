import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { factsScript, type FactsQuestion } from '../../../../electron/core/deploy/facts/facts-script';
import type { ServerFacts } from '../../../../shared/model/deploy/facts';
import { factsComplete, parseFacts } from '../../../../shared/rules/deploy/facts/parse-facts';
import { tempDirectory, type TempDirectory } from '../../../support/temp';

const question: FactsQuestion = {
  scope: 'main',
  packages: [],
  units: [],
  paths: [],
  contents: [],
  sources: false,
  offers: 'always',
};
const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

describe('the script of the facts, on this machine', () => {
  let temp: TempDirectory;
  let root: string;
  beforeEach(async () => {
    temp = await tempDirectory();
    root = temp.path;
    mkdirSync(join(root, 'matriarch/main'), { recursive: true });
    mkdirSync(join(root, 'etc'));
  });
  afterEach(() => temp.remove());

  /** Runs it with what Matriarch keeps on a server in a directory of the test. */
  async function look(asked: Partial<FactsQuestion>): Promise<ServerFacts> {
    const script = factsScript({ ...question, ...asked })
      .replaceAll('/var/lib/matriarch', join(root, 'matriarch'))
      .replaceAll('/etc/matriarch', join(root, 'etc'));
    const run = promisify(execFile);
    const { stdout, stderr } = await run('sh', ['-c', script], { maxBuffer: 2 ** 26 });
    expect(stderr).toBe('');
    expect(factsComplete(stdout)).toBe(true);
    return parseFacts('n1', stdout, { sentAt: Date.now() - 60_000, receivedAt: Date.now() + 1_000 }, decode);
  }

  it('says of each path what it is, whose it is, and whether a directory is empty', async () => {
    mkdirSync(join(root, 'empty'));
    mkdirSync(join(root, 'full/.hidden'), { recursive: true });
    writeFileSync(join(root, 'file'), 'x');
    chmodSync(join(root, 'file'), 0o640);
    symlinkSync('/nowhere', join(root, 'link'));
    const paths = ['empty', 'full', 'file', 'link', 'missing'].map((name) => join(root, name));
    const { paths: found } = await look({ paths });
    expect(paths.map((path) => found[path] && [found[path].kind, found[path].empty])).toEqual([
      ['directory', true],
      ['directory', false],
      ['file', false],
      ['other', false],
      undefined,
    ]);
    expect(found[join(root, 'file')]).toMatchObject({ mode: 0o640, content: null });
  });

  it('reads contents to the last byte', async () => {
    const texts = ['', 'a', 'ab', 'abc', 'Schlüssel\t„é“\n\n', "it's $HOME `id` \\ %s\r\n", 'x'.repeat(1_000)];
    const paths = texts.map((text, index) => {
      const path = join(root, `file ${index}`);
      writeFileSync(path, text);
      return path;
    });
    const found = (await look({ paths, contents: paths })).paths;
    expect(paths.map((path) => found[path]?.content)).toEqual(texts);
  });

  it('reads no content of a file that is too large for a configuration', async () => {
    const path = join(root, 'file');
    writeFileSync(path, 'x'.repeat(262_144));
    expect((await look({ paths: [path], contents: [path] })).paths[path]).toMatchObject({ content: null });
  });

  it('finds a unit fresh only where every file is as it was when the unit was started', async () => {
    const hash = (text: string): string => `${text.padEnd(64, '0')}  ${join(root, 'file')}\n`;
    writeFileSync(join(root, 'file'), '');
    const right = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const stamp = (unit: string, text: string): void => {
      writeFileSync(join(root, `matriarch/main/${unit}.sha256`), text);
    };
    stamp('a.service', hash(right));
    stamp('b.service', hash('1'));
    stamp('c.service', '');
    stamp('d.service', hash(right) + hash('2'));
    stamp('e.service', hash(right));
    stamp('f.service', `${right}  ${join(root, 'missing')}\n`);
    const units = async (): Promise<readonly string[]> => {
      const script = factsScript(question).replaceAll('/var/lib/matriarch', join(root, 'matriarch'));
      const { stdout } = await promisify(execFile)('sh', ['-c', script]);
      return stdout.split('\n').filter((line) => line.startsWith('stamp'));
    };
    expect(await units()).toEqual([
      'stamp\ta.service\tfresh',
      'stamp\tb.service\tstale',
      'stamp\tc.service\tstale',
      'stamp\td.service\tstale',
      'stamp\te.service\tfresh',
      'stamp\tf.service\tstale',
    ]);
    stamp('b.service', 'a line that is no checksum\n');
    expect((await units()).filter((line) => line.endsWith('fresh'))).toEqual([]);
  });

  it('knows what was made, and that an undo or an unpacking is left half done', async () => {
    const state = join(root, 'matriarch/main');
    writeFileSync(join(state, 'users.made'), 'etcd\npostgres\n');
    expect((await look({})).made).toEqual({ packages: [], users: ['etcd', 'postgres'], groups: [], pending: false });
    writeFileSync(join(state, 'unpacking.1'), 'another boot\n');
    expect((await look({})).made.pending).toBe(true);
  });

  it('tells the machine, its users and its packages', async () => {
    const facts = await look({});
    expect(facts.cpus).toBeGreaterThan(0);
    expect(facts.memoryBytes).toBeGreaterThan(2 ** 20);
    expect(facts.users).toContain('root');
    expect(facts.groups).toContain('root');
    expect(facts.disks.map(({ path, totalBytes }) => path === '/' && totalBytes > 0)).toContain(true);
    expect(facts.clockOffsetMs).toBe(0);
    expect(facts.hostname).not.toBe('');
  });

  it('does not ask apt what it offers where a scope was set up, unless it is told to', async () => {
    const asked = async (offers: FactsQuestion['offers']): Promise<boolean> =>
      Object.hasOwn((await look({ offers, packages: ['dpkg'] })).candidates, 'dpkg');
    expect(await asked('unless_set_up')).toBe(true);
    writeFileSync(join(root, 'etc/manifest-main.json'), '{}');
    expect(await asked('unless_set_up')).toBe(false);
    expect(await asked('always')).toBe(true);
  });
});
