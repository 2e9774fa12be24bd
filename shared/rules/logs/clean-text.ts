/** More bytes of one entry than this are not kept. */
export const MOST_ENTRY_BYTES = 64 * 1024;

/** Escape sequences of terminals: those with parameters (CSI), titles and links (OSC), and the short ones (ECMA-48). */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;

/** What would disguise a line: controls except tab and line end, direction overrides, characters without width. */
const DISGUISES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

const NEEDS_CLEANING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

/** A text without what a terminal or a page would act upon: escapes are left out, what else disguises is shown as U+FFFD. */
export function cleanLogText(text: string): string {
  if (!NEEDS_CLEANING.test(text)) return text;
  return text
    .replace(ESCAPES, '')
    .replace(/\r+(?=\n|$)/g, '')
    .replace(/\t/g, '    ')
    .replace(DISGUISES, '\ufffd');
}

function bytesOf(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  // A half of a surrogate pair, which makes four bytes together with the other one.
  return code >= 0xd800 && code <= 0xdfff ? 2 : 3;
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) bytes += bytesOf(text.charCodeAt(at));
  return bytes;
}

/** A text cut to what is kept of an entry, and how many UTF-8 bytes were left out. A character is not cut in its middle. */
export function cutLogText(text: string): { readonly text: string; readonly cutBytes: number } {
  if (text.length * 3 <= MOST_ENTRY_BYTES) return { text, cutBytes: 0 };
  let bytes = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    const wide = code > 0xffff ? 2 : 1;
    const next = bytes + (wide === 2 ? 4 : bytesOf(code));
    if (next > MOST_ENTRY_BYTES) return { text: text.slice(0, at), cutBytes: utf8Bytes(text.slice(at)) };
    bytes = next;
    at += wide;
  }
  return { text, cutBytes: 0 };
}
