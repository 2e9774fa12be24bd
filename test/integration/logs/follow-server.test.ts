import { appendFile, chmod, copyFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { LogGap, LogRecord, LogServer } from '../../../shared/model/logs/log-record';
import { followServer } from '../../../electron/core/logs/follow-server';
import { readServerPart } from '../../../electron/core/logs/read-page';
import type { Remote } from '../../../electron/core/ssh/remote';
import { eventually } from '../../support/eventually';
import { makeLogScene, type LogScene } from '../../support/logs/log-scene';
import { makePool, poolServer } from '../../support/ssh/ssh-pool';
import { startSshServer, type TestSshServer } from '../../support/ssh/ssh-server';

const undone: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of undone.splice(0).reverse()) await undo();
});

const START = Date.UTC(2026, 10, 27, 1);
const stamp = (second: number): string =>
  new Date(START + second * 1000).toISOString().replace('T', ' ').replace('Z', ' UTC');
const lineOf = (second: number, text: string): string => `${stamp(second)} [8] LOG:  ${text}\n`;
const entryOf = (number: number, text: string): string =>
  JSON.stringify({
    __CURSOR: `c=${number}`,
    __REALTIME_TIMESTAMP: String((START + number * 1000) * 1000),
    _SYSTEMD_UNIT: 'patroni.service',
    MESSAGE: text,
  });

interface Scene extends LogScene {
  readonly remote: Remote;
  readonly server: TestSshServer;
}

/** A server of the real shell, or of another one, with a journal and a PostgreSQL of the test's own. */
async function makeScene(shell: 'sh' | 'bash' | 'dash' = 'sh'): Promise<Scene> {
  const scene = await makeLogScene({ log: lineOf(1, 'first'), journal: `${entryOf(2, 'second')}\n`, shell });
  undone.push(() => scene.close());
  const server = await startSshServer({ path: scene.bin, users: { root: { password: 'x' } } });
  const pool = await makePool({
    servers: [poolServer(server.port, { user: 'root', sudo: { kind: 'root' } })],
    secrets: { login: 'x' },
  });
  undone.push(
    () => server.close(),
    () => pool.close(),
  );
  return { ...scene, remote: pool.pool.remote('db1'), server };
}

/** What a follower was told. */
class Told {
  readonly records: LogRecord[] = [];
  readonly gaps: LogGap[] = [];
  server: LogServer | null = null;
  hold: Promise<void> | undefined = undefined;

  get texts(): string[] {
    return this.records.map((record) => record.text.replace('LOG: ', ''));
  }
}

function follow(scene: Scene): Told {
  const told = new Told();
  const undo = followServer({
    remote: scene.remote,
    member: 'db1',
    now: Date.now,
    onClock: () => undefined,
    sink: {
      records: (records) => {
        told.records.push(...records);
        return told.hold;
      },
      gap: (gap) => told.gaps.push(gap),
      server: (server) => {
        told.server = server;
      },
    },
  });
  undone.push(() => Promise.resolve(undo()));
  return told;
}

const hears = (told: Told, text: string) => eventually(`${text} is read`, () => told.texts.includes(text));

describe('the logs of a server that is followed', () => {
  it('are its journal and the file that the running PostgreSQL writes, with their sources and the offset of the clock', async () => {
    const scene = await makeScene();
    const told = follow(scene);
    await hears(told, 'first');
    await hears(told, 'second');
    await appendFile(scene.log, lineOf(3, 'third'));
    await appendFile(scene.journal, `${entryOf(4, 'fourth')}\n`);
    await hears(told, 'third');
    await hears(told, 'fourth');
    expect(told.server).toMatchObject({
      status: 'live',
      sources: [
        { service: 'patroni', name: 'patroni.service', kind: 'journal' },
        { service: 'postgresql', name: scene.log, kind: 'file' },
      ],
    });
    expect(Math.abs(told.server?.clock?.offsetMs ?? Infinity)).toBeLessThan(5_000);
  });

  it('lose no line when a file is rotated, and say so when it is emptied', async () => {
    const scene = await makeScene();
    const told = follow(scene);
    await hears(told, 'first');
    await appendFile(scene.log, lineOf(3, 'before the rotation'));
    await rename(scene.log, `${scene.log}.1`);
    await writeFile(scene.log, lineOf(4, 'after it'));
    await hears(told, 'before the rotation');
    await hears(told, 'after it');
    expect(told.gaps).toEqual([]);
    await truncate(scene.log, 0);
    await eventually('the loss is told', () =>
      told.gaps.some((gap) => gap.cause === 'truncated' && gap.state === 'lost'),
    );
    await appendFile(scene.log, lineOf(5, 'anew'));
    await hears(told, 'anew');
  });

  it('go on after a lost connection from where they were; meanwhile there is a gap', async () => {
    const scene = await makeScene();
    const told = follow(scene);
    await hears(told, 'second');
    await eventually('it is live', () => told.server?.status === 'live');
    scene.server.cut();
    await eventually('the gap is told', () => told.gaps.some((gap) => gap.state === 'open' && gap.cause === 'cut_off'));
    await appendFile(scene.log, lineOf(3, 'missed in the file'));
    await appendFile(scene.journal, `${entryOf(4, 'missed in the journal')}\n`);
    await hears(told, 'missed in the file');
    await hears(told, 'missed in the journal');
    await eventually('the gap is filled', () => told.gaps.at(-1)?.state === 'filled');
    expect(new Set(told.gaps.map((gap) => gap.id)).size).toBe(1);
    expect(told.texts.filter((text) => text === 'first' || text === 'second')).toHaveLength(2);
  });

  it('stand at their time soon after the clock of the server was set, which is measured again', async () => {
    const scene = await makeScene();
    await writeFile(`${scene.bin}/date`, `#!/bin/sh\nexec /bin/date -d "+$(cat ${scene.data}/ahead) seconds" "$@"\n`);
    await writeFile(`${scene.data}/ahead`, '0');
    await chmod(`${scene.bin}/date`, 0o755);
    const told = follow(scene);
    await hears(told, 'first');
    await writeFile(`${scene.data}/ahead`, '90');
    const isSet = (): boolean => Math.abs((told.server?.clock?.offsetMs ?? 0) - 90_000) < 1_000;
    await eventually('the clock is measured again', isSet, 30_000);
    const ahead = (Date.now() + 90_000 - START) / 1000;
    await appendFile(scene.log, lineOf(ahead, 'by the new clock'));
    await hears(told, 'by the new clock');
    const record = told.records.find(({ text }) => text.includes('by the new clock'));
    expect(Math.abs((record?.at ?? 0) - Date.now())).toBeLessThan(10_000);
  }, 60_000);

  it('of 1 MB in one line, of any bytes and of a file with a space in its name, are read', async () => {
    const scene = await makeScene();
    const told = follow(scene);
    await hears(told, 'first');
    await appendFile(scene.log, lineOf(3, 'x'.repeat(1_000_000)));
    await appendFile(scene.log, Buffer.from(lineOf(4, 'f\xfcr \0 bytes'), 'latin1'));
    await hears(told, 'f\ufffdr \ufffd bytes');
    const long = told.records.find((record) => record.cutBytes > 0);
    expect((long?.text.length ?? 0) + (long?.cutBytes ?? 0)).toBeGreaterThan(1_000_000);
    expect(long?.text.length).toBeLessThan(66_000);
    await writeFile(`${scene.data}/log/new log.log`, lineOf(5, 'in the new file'));
    await writeFile(`${scene.data}/current_logfiles`, 'stderr log/new log.log\n');
    await hears(told, 'in the new file');
  });

  it('make the server wait while the reader has not taken what was read', async () => {
    const scene = await makeScene();
    const told = follow(scene);
    await hears(told, 'first');
    let release: () => void = () => undefined;
    told.hold = new Promise((resolve) => {
      release = resolve;
    });
    const block = Array.from({ length: 60_000 }, (_, index) => lineOf(3, `block ${index} ${'.'.repeat(200)}`)).join('');
    await appendFile(scene.log, block);
    await eventually('it waits', () => told.server?.status === 'paused');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const held = told.records.length;
    expect(held).toBeLessThan(30_000);
    told.hold = undefined;
    release();
    await eventually('all is read', () => told.records.length >= 60_002, 60_000);
  }, 90_000);
});

const csvRow = (second: number, message: string): string =>
  `${stamp(second)},"app","orders",8,"10.0.0.9:5432",65f,1,"SELECT",2026-11-27 01:00:00 UTC,3/7,0,LOG,00000,"${message}"` +
  ',,,,,,"select 1","","psql","client backend",,0\n';
const jsonLine = (second: number, message: string): string =>
  `${JSON.stringify({ timestamp: stamp(second), pid: 8, error_severity: 'LOG', message, user: 'app', dbname: 'orders' })}\n`;

interface OddLog {
  readonly name: string;
  readonly kind?: 'csvlog' | 'jsonlog';
  /** What is done to the log once its first line is read. */
  readonly happens: (scene: Scene, path: string) => Promise<unknown>;
  readonly reads: readonly (string | RegExp)[];
  readonly gap?: LogGap['cause'];
}

const odd: readonly OddLog[] = [
  {
    name: 'escapes of a terminal and controls',
    happens: (_, path) => appendFile(path, lineOf(2, 'a \u001b[31mred\u001b[0m \u001b]52;c;aGk=\u0007 word\b\r')),
    reads: [/^a red\s+word/],
  },
  {
    name: 'latin1, halves of UTF-8 and NUL',
    happens: (_, path) => appendFile(path, Buffer.from(lineOf(2, 'caf\xe9 \xc3 \0 end'), 'latin1')),
    reads: ['caf\ufffd \ufffd \ufffd end'],
  },
  {
    name: 'binary without any line end, and then a line',
    happens: (_, path) =>
      appendFile(path, Buffer.concat([Buffer.alloc(300_000, 0xff), Buffer.from(`\n${lineOf(2, 'after it')}`)])),
    reads: ['after it'],
  },
  {
    name: 'a name with the next day in it',
    happens: async ({ data, log }) => {
      await appendFile(log, lineOf(2, 'before midnight'));
      await writeFile(`${data}/log/postgresql-2026-11-28.log`, lineOf(3, 'after midnight'));
      await writeFile(`${data}/current_logfiles`, 'stderr log/postgresql-2026-11-28.log\n');
    },
    reads: ['before midnight', 'after midnight'],
  },
  {
    name: 'a file that is deleted and made anew',
    happens: async (_, path) => {
      await writeFile(`${path}.new`, lineOf(2, 'in the new one'));
      await rm(path);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await rename(`${path}.new`, path);
    },
    reads: ['in the new one'],
    gap: 'rotated',
  },
  {
    name: 'a copy that is emptied afterwards',
    happens: async (_, path) => {
      await copyFile(path, `${path}.1`);
      await truncate(path, 0);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await appendFile(path, lineOf(2, 'anew'));
    },
    reads: ['anew'],
    gap: 'truncated',
  },
  {
    name: 'csvlog with line ends and quotes in a field',
    kind: 'csvlog',
    happens: (_, path) => appendFile(path, `${csvRow(2, 'one\ntwo ""three""\nfour')}${csvRow(3, 'next')}`),
    reads: [/one\ntwo "three"\nfour/, /app@orders next/],
  },
  {
    name: 'jsonlog',
    kind: 'jsonlog',
    happens: (_, path) => appendFile(path, `${jsonLine(2, 'in "JSON"\nof two lines')}${jsonLine(3, 'next')}`),
    reads: [/in "JSON"\nof two lines/, /next/],
  },
  {
    name: 'a message of several lines in the journal',
    happens: ({ journal }) => appendFile(journal, `${entryOf(3, 'Traceback\n  File "x"\nValueError: y')}\n`),
    reads: ['Traceback\n  File "x"\nValueError: y'],
  },
];

describe.each(['dash', 'bash'] as const)('the logs of a server whose shell is %s', (shell) => {
  it.each(odd)('are read whatever is in them: $name', async ({ kind = 'stderr', happens, reads, gap }) => {
    const scene = await makeScene(shell);
    const path = kind === 'stderr' ? scene.log : `${scene.data}/log/pg.${kind === 'csvlog' ? 'csv' : 'json'}`;
    if (kind !== 'stderr') {
      await writeFile(path, kind === 'csvlog' ? csvRow(1, 'first') : jsonLine(1, 'first'));
      await writeFile(`${scene.data}/current_logfiles`, `${kind} ${path}\n`);
    }
    const told = follow(scene);
    await eventually('the first line is read', () => told.texts.some((text) => text.includes('first')));
    await happens(scene, path);
    for (const expected of reads)
      await eventually(`${String(expected)} is read`, () =>
        told.texts.some((text) => (typeof expected === 'string' ? text === expected : expected.test(text))),
      );
    expect(told.gaps.map((one) => one.cause)).toEqual(gap === undefined ? [] : [gap]);
    expect(told.records.some((record) => /[\u0000-\u0008\u000b-\u001f]/.test(record.text))).toBe(false);
  });
});

describe('the logs of a directory', () => {
  it('that is a link are followed over a rotation', async () => {
    const scene = await makeScene();
    await rename(`${scene.data}/log`, `${scene.data}/elsewhere`);
    await symlink(`${scene.data}/elsewhere`, `${scene.data}/log`);
    const told = follow(scene);
    await hears(told, 'first');
    await appendFile(scene.log, lineOf(3, 'before the rotation'));
    await rename(scene.log, `${scene.log}.1`);
    await writeFile(scene.log, lineOf(4, 'after it'));
    await hears(told, 'before the rotation');
    await hears(told, 'after it');
    expect(told.gaps).toEqual([]);
  });
});

describe('the past of a server', () => {
  /** A file that was last written in a second of the log. */
  const write = async (path: string, content: string | Buffer, second: number): Promise<void> => {
    await writeFile(path, content);
    await utimes(path, new Date(START + second * 1000), new Date(START + second * 1000));
  };
  const window = { from: null, before: START + 100_000_000, most: 100 };
  const origin = { member: 'db1', serverId: 'db1', offsetMs: () => 0, now: Date.now };

  it('is read back in pages that have no hole and no line twice, through the files it was rotated to', async () => {
    const scene = await makeScene();
    const lines = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => lineOf(from + index, `line ${from + index}`)).join('');
    await write(`${scene.log}.1`, lines(0, 9_000), 9_000);
    await write(scene.log, lines(9_000, 9_000), 18_000);
    await writeFile(scene.journal, '');
    const seen: string[] = [];
    let before = window.before;
    for (let round = 0; round < 8; round += 1) {
      const part = await readServerPart(scene.remote, origin, { from: null, before, most: 5_000 });
      seen.unshift(...part.records.map((record) => record.text));
      if (!part.isCut) break;
      before = part.from;
    }
    expect(seen).toHaveLength(18_000);
    expect(seen[0]).toBe('LOG: line 0');
    expect(new Set(seen).size).toBe(18_000);
  }, 60_000);

  it('is read back through files that were compressed after their rotation', async () => {
    const scene = await makeScene();
    const lines = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => lineOf(from + index, `line ${from + index}`)).join('');
    await write(`${scene.log}.2.gz`, gzipSync(lines(0, 9_000)), 9_000);
    await write(`${scene.log}.1.gz`, gzipSync(lines(9_000, 9_000)), 18_000);
    await write(`${scene.log}.3.gz`, 'this is not compressed', 10);
    await write(scene.log, lines(18_000, 10), 18_010);
    await writeFile(scene.journal, '');
    const part = await readServerPart(scene.remote, origin, { from: null, before: window.before, most: 30_000 });
    expect(part.records.map((record) => record.text)).toEqual(
      Array.from({ length: 18_010 }, (_, index) => `LOG: line ${index}`),
    );
    const middle = { from: START + 4_000_500, before: START + 4_002_500, most: 10 };
    const found = await readServerPart(scene.remote, origin, middle);
    expect(found.records.map((record) => record.text)).toEqual(['LOG: line 4001', 'LOG: line 4002']);
  }, 60_000);

  it('is found in the middle of a large file by its time', async () => {
    const scene = await makeScene();
    await writeFile(scene.log, Array.from({ length: 60_000 }, (_, index) => lineOf(index, `line ${index}`)).join(''));
    await writeFile(scene.journal, `${entryOf(30_000, 'in the journal')}\n`);
    const part = await readServerPart(scene.remote, origin, {
      from: START + 29_999_500,
      before: START + 30_002_500,
      most: 100,
    });
    expect(part.records.map((record) => record.text)).toEqual([
      'in the journal',
      'LOG: line 30000',
      'LOG: line 30001',
      'LOG: line 30002',
    ]);
    expect(part.isCut).toBe(false);
  }, 60_000);
});
