import { deflateRawSync } from 'node:zlib';

/** A file of an archive; its name is ASCII with `/` between its parts. */
export interface ZipFile {
  readonly path: string;
  readonly content: Buffer;
}

const TABLE = Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

/** The checksum that ZIP keeps of each file (APPNOTE 4.4.7). */
function crc32(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

const DEFLATED = 8;
/** Version 2.0 is needed for deflate; made by version 2.0 on Unix, so that a mode is kept. */
const NEEDED = 20;
const MADE_BY = (3 << 8) | 20;
const MODE = 0o100600;

/** Date and time as MS-DOS has them (APPNOTE 4.4.6), in UTC; before 1980 there are none. */
function dosTime(at: number): { readonly date: number; readonly time: number } {
  const when = new Date(Math.max(at, Date.UTC(1980, 0, 1)));
  return {
    date: ((when.getUTCFullYear() - 1980) << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate(),
    time: (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5) | (when.getUTCSeconds() >> 1),
  };
}

function numbers(...fields: readonly (readonly [size: 2 | 4, value: number])[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) bytes.writeUInt16LE(value, at);
    else bytes.writeUInt32LE(value >>> 0, at);
    at += size;
  }
  return bytes;
}

/** Files as one ZIP archive (APPNOTE 4.3), deflated; less than 4 GB and 65536 files. `at`: the time of all of them, ms since the epoch. */
export function writeZip(files: readonly ZipFile[], at: number): Buffer {
  const { date, time } = dosTime(at);
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { path, content } of files) {
    const name = Buffer.from(path, 'ascii');
    const packed = deflateRawSync(content);
    const common: readonly (readonly [2 | 4, number])[] = [
      ...([
        [2, NEEDED],
        [2, 0],
        [2, DEFLATED],
        [2, time],
        [2, date],
      ] as const),
      ...([
        [4, crc32(content)],
        [4, packed.length],
        [4, content.length],
        [2, name.length],
        [2, 0],
      ] as const),
    ];
    const head = Buffer.concat([numbers([4, 0x04034b50], ...common), name]);
    const entry = numbers(
      [4, 0x02014b50],
      [2, MADE_BY],
      ...common,
      [2, 0],
      [2, 0],
      [2, 0],
      [4, MODE * 0x10000],
      [4, offset],
    );
    parts.push(head, packed);
    central.push(entry, name);
    offset += head.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const count = files.length;
  const end = numbers(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, directory.length],
    [4, offset],
    [2, 0],
  );
  return Buffer.concat([...parts, directory, end]);
}
