import { describe, expect, it } from 'vitest';
import { readOpenPgpKey } from '../../../../electron/core/deploy/sources/openpgp-key';
import { FINGERPRINT, KEY } from '../../../support/openpgp-key';

describe('the key of a repository', () => {
  it('is written as gpg does, with the checksum that older programs need', () => {
    expect(readOpenPgpKey(Buffer.from(KEY))?.text).toBe(KEY);
  });

  it('has the fingerprint that its publisher names', () => {
    expect(readOpenPgpKey(Buffer.from(KEY))?.fingerprint).toBe(FINGERPRINT);
  });

  const text = readOpenPgpKey(Buffer.from(KEY))?.text ?? '';
  const body = KEY.split('\n').slice(2, -3).join('');
  const shapes: readonly (readonly [string, string | Buffer])[] = [
    ['binary', Buffer.from(body, 'base64')],
    ['with the line ends of another system', KEY.replaceAll('\n', '\r\n')],
    ['without its blank line, as a form keeps lines', KEY.replace('\n\n', '\n')],
    ['with a header', KEY.replace('\n\n', '\nComment: the lab\n\n')],
    ['with text around it', `Our key:\n${KEY}\nThanks.\n`],
    ['as it was written before', text],
  ];
  it.each(shapes)('gives the same text when it comes %s', (_, shape) => {
    expect(readOpenPgpKey(Buffer.from(shape))).toEqual({ text, fingerprint: FINGERPRINT });
  });

  const none: readonly (readonly [string, string | Buffer])[] = [
    ['nothing', ''],
    ['an HTML page', '<html>404</html>'],
    ['an incomplete armoured block', KEY.slice(0, 200)],
    ['an incomplete key', Buffer.from(body, 'base64').subarray(0, 20)],
    ['a private key', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlFgEZ\n-----END PGP PRIVATE KEY BLOCK-----\n'],
    ['arbitrary bytes', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])],
  ];
  it.each(none)('is not found in %s', (_, shape) => {
    expect(readOpenPgpKey(Buffer.from(shape))).toBeNull();
  });
});
