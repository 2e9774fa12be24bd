import { createHash } from 'node:crypto';

/** A public key as apt reads it: its armoured text, and what people compare it by. */
export interface OpenPgpKey {
  readonly text: string;
  /** Upper-case hexadecimal digits; empty when the key is of a kind that is not known here. */
  readonly fingerprint: string;
}

const begin = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const end = '-----END PGP PUBLIC KEY BLOCK-----';

/**
 * Reads public keys, armoured or binary (RFC 9580, sections 4 and 6); null when there is none. The text is armoured anew, so that
 * the same key is the same text, whatever its makers or a form did to its lines.
 */
export function readOpenPgpKey(content: Buffer): OpenPgpKey | null {
  const packets = content.includes(begin) ? unarmoured(content.toString('latin1')) : content;
  const body = firstKey(packets);
  return body === null ? null : { text: armoured(packets), fingerprint: fingerprintOf(body) };
}

/** All blocks of a text; header lines, the blank line after them and the checksum are no part of the key. */
function unarmoured(text: string): Buffer {
  const blocks = text
    .split(begin)
    .slice(1)
    .flatMap((part) => (part.includes(end) ? [part.slice(0, part.indexOf(end))] : []));
  return Buffer.concat(
    blocks.map((block) => {
      const lines = block
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('=') && !/^[A-Za-z-]+: /.test(line));
      return Buffer.from(lines.join(''), 'base64');
    }),
  );
}

/** The body of the public key at the beginning: a packet with the tag 6. */
function firstKey(packets: Buffer): Buffer | null {
  const tag = packets[0] ?? 0;
  const isNew = (tag & 0xc0) === 0xc0;
  if ((isNew ? tag & 0x3f : (tag >> 2) & 0x0f) !== 6 || (tag & 0x80) === 0) return null;
  const { length, header } = isNew ? newLength(packets) : oldLength(packets, tag & 3);
  const body = packets.subarray(header, header + length);
  return length > 5 && body.length === length ? body : null;
}

function newLength(packets: Buffer): { readonly length: number; readonly header: number } {
  const first = packets[1] ?? 0;
  if (first < 192) return { length: first, header: 2 };
  if (first < 224) return { length: (first - 192) * 256 + (packets[2] ?? 0) + 192, header: 3 };
  return first === 255 && packets.length > 6
    ? { length: packets.readUInt32BE(2), header: 6 }
    : { length: 0, header: 2 };
}

function oldLength(packets: Buffer, kind: number): { readonly length: number; readonly header: number } {
  if (packets.length < 6 || kind === 3) return { length: 0, header: 2 };
  if (kind === 0) return { length: packets.readUInt8(1), header: 2 };
  return kind === 1 ? { length: packets.readUInt16BE(1), header: 3 } : { length: packets.readUInt32BE(1), header: 5 };
}

/** Version 4 is what archives are signed with (section 5.5.4.2); version 6 counts its length in four bytes and hashes by SHA-256. */
function fingerprintOf(body: Buffer): string {
  if (body[0] === 4)
    return createHash('sha1')
      .update(Buffer.from([0x99, body.length >> 8, body.length & 0xff]))
      .update(body)
      .digest('hex')
      .toUpperCase();
  if (body[0] !== 6) return '';
  const head = Buffer.alloc(5);
  head.writeUInt8(0x9b, 0);
  head.writeUInt32BE(body.length, 1);
  return createHash('sha256').update(head).update(body).digest('hex').toUpperCase();
}

function armoured(packets: Buffer): string {
  const lines = packets.toString('base64').match(/.{1,64}/g) ?? [];
  return [begin, '', ...lines, `=${checksum(packets)}`, end, ''].join('\n');
}

/** The checksum of armour (CRC-24), which older programs want to see. */
function checksum(bytes: Buffer): string {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return Buffer.from([(crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff]).toString('base64');
}
