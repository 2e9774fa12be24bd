/** A message that is mailed; its addresses were checked. `subject` and `text` may hold any character. */
export interface MailMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** ms since the epoch. */
  readonly at: number;
  /** Unique, of letters and digits. */
  readonly id: string;
}

/** Base64 of a text's UTF-8 bytes; shared code has neither Node's nor the browser's. */
export type ToBase64 = (text: string) => string;

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** A moment as mail writes it (RFC 5322, 3.3), in UTC. */
function mailDate(at: number): string {
  const date = new Date(at);
  const day = `${DAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/** Each encoded word of a header is at most 75 characters (RFC 2047, 2): so many characters of text, of 4 bytes at most, fit into one. */
const WORD_CHARACTERS = 10;
/** A line of a body in base64 (RFC 2045, 6.8). */
const LINE = 76;

/** A header's text as encoded words, whatever it holds: a line break in it cannot begin another header. */
function encodedHeader(text: string, toBase64: ToBase64): string {
  const characters = [...text];
  const words: string[] = [];
  for (let at = 0; at < Math.max(1, characters.length); at += WORD_CHARACTERS)
    words.push(`=?UTF-8?B?${toBase64(characters.slice(at, at + WORD_CHARACTERS).join(''))}?=`);
  return words.join('\r\n ');
}

/** A message as SMTP takes it, its lines parted by CRLF; no line begins with a dot. */
export function mailText({ from, to, subject, text, at, id }: MailMessage, toBase64: ToBase64): string {
  const body = toBase64(text).match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [
    `From: <${from}>`,
    `To: ${to.map((address) => `<${address}>`).join(',\r\n ')}`,
    `Subject: ${encodedHeader(subject, toBase64)}`,
    `Date: ${mailDate(at)}`,
    `Message-ID: <${id}@${from.split('@')[1] ?? 'localhost'}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    'Auto-Submitted: auto-generated',
    '',
    ...body,
    '',
  ].join('\r\n');
}
