// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createScreen, type XtermScreen } from '../../../../../renderer/features/terminal/screen';
import type { PasteText } from '../../../../../shared/rules/terminal/paste';

const ESC = '\u001b';
const BEL = '\u0007';
const TITLE = 'Matriarch';
const STOLEN = Buffer.from('stolen').toString('base64');

/** What left the screen: to the server, to the clipboard, and to the app. */
class Left {
  server = '';
  readonly copied: string[] = [];
  readonly sizes: unknown[] = [];
  readonly links: string[] = [];
  readonly asked: PasteText[] = [];
}

let left: Left;
let element: HTMLElement;
let screen: XtermScreen;

beforeEach(() => {
  left = new Left();
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addListener: () => undefined,
    removeListener: () => undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  const clipboard = {
    writeText: (text: string) => Promise.resolve(left.copied.push(text)),
    readText: () => Promise.resolve("the user's own"),
  };
  Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true });
  document.title = TITLE;
  element = document.body.appendChild(document.createElement('div'));
  const decoder = new TextDecoder();
  screen = createScreen(
    element,
    { dark: false, fontSize: 13, screenReader: false },
    {
      onType: (bytes) => {
        left.server += decoder.decode(bytes);
      },
      onSize: (size) => left.sizes.push(size),
      onPasteAsked: (paste) => left.asked.push(paste),
      onLink: (address) => left.links.push(address),
      onKey: () => false,
    },
  );
});
afterEach(() => {
  screen.dispose();
  element.remove();
  vi.unstubAllGlobals();
});

/** Half of a pair stands for a character of which only the first bytes came. */
const bytesOf = (text: string): Uint8Array =>
  text === '\ud800' ? Uint8Array.of(0xe2, 0x82) : new TextEncoder().encode(text);

const show = (text: string): Promise<void> =>
  new Promise((resolve) => {
    screen.write(bytesOf(text), resolve);
  });

/** The lines of the screen and what can be scrolled back to, without blanks at their ends. */
const shown = (): string => {
  screen.selectAll();
  return screen
    .selection()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
};

const paste = (text: string): void => {
  const event = new Event('paste', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'clipboardData', { value: { getData: () => text } });
  element.dispatchEvent(event);
};

/** What a program writes, and what the server gets for it: nothing, or an answer that holds no word of the program's. */
const sequences: readonly (readonly [name: string, sequence: string, toServer: string | RegExp])[] = [
  ['a write to the clipboard', `${ESC}]52;c;${STOLEN}${BEL}`, ''],
  ['a write to every clipboard, ended by ST', `${ESC}]52;cpqs01234567;${STOLEN}${ESC}\\`, ''],
  ['a write to the clipboard with the one-byte OSC', `\u009d52;c;${STOLEN}\u009c`, ''],
  ['a question for the clipboard', `${ESC}]52;c;?${BEL}`, ''],
  ["iTerm's write to the clipboard", `${ESC}]1337;CopyToClipboard=${BEL}stolen${ESC}]1337;EndCopy${BEL}`, ''],
  ["iTerm's file", `${ESC}]1337;File=name=eA==;inline=0:${STOLEN}${BEL}`, ''],
  ["tmux's passing on of a write", `${ESC}Ptmux;${ESC}${ESC}]52;c;${STOLEN}${BEL}${ESC}\\`, ''],
  ['a title', `${ESC}]0;taken${BEL}`, ''],
  ['a title of the window alone', `${ESC}]2;taken${ESC}\\`, ''],
  ['a name of the icon', `${ESC}]1;taken${BEL}`, ''],
  ["screen's title", `${ESC}ktaken${ESC}\\`, ''],
  ['a title that is kept and brought back', `${ESC}]0;taken${BEL}${ESC}[22;0t${ESC}[23;0t`, ''],
  ['a question for the title', `${ESC}]0;taken${BEL}${ESC}[21t`, ''],
  ['a question for the icon', `${ESC}]1;taken${BEL}${ESC}[20t`, ''],
  ['a folder of the shell', `${ESC}]7;file://host/taken${BEL}`, ''],
  ['a message to the desktop', `${ESC}]9;taken${BEL}${ESC}]777;notify;taken;taken${BEL}`, ''],
  ['a window that is moved, made small and resized', `${ESC}[3;0;0t${ESC}[2t${ESC}[8;5;5t${ESC}[9;1t`, ''],
  ['questions for the window', `${ESC}[11t${ESC}[13t${ESC}[14t${ESC}[18t${ESC}[19t`, ''],
  ['132 columns', `${ESC}[?40h${ESC}[?3h${ESC}[?3l`, ''],
  ['a word for the printer', `${ESC}[5istolen${ESC}[4i`, ''],
  ['the question who is there (ENQ)', '\u0005', ''],
  ['a link to a script', `${ESC}]8;;javascript:alert(1)${BEL}words${ESC}]8;;${BEL}`, ''],
  ['what kind of terminal it is', `${ESC}[c`, `${ESC}[?1;2c`],
  ['which version it has', `${ESC}[>c`, `${ESC}[>0;276;0c`],
  ['whether it is well', `${ESC}[5n`, `${ESC}[0n`],
  ['where the cursor is', `${ESC}[H${ESC}[6n`, `${ESC}[1;1R`],
  ['which colours it has', `${ESC}]11;?${BEL}`, /^(?:\u001b\]11;rgb:[0-9a-f/]+\u001b\\)?$/],
  [
    'a colour that was set to words',
    `${ESC}]4;1;stolen${BEL}${ESC}]4;1;?${BEL}`,
    /^(?:\u001b\]4;1;rgb:[0-9a-f/]+\u001b\\)?$/,
  ],
  ['a setting that it does not have', `${ESC}P$qstolen${ESC}\\`, /^(?:\u001bP0\$r\u001b\\)?$/],
  ['a capability by name', `${ESC}P+q${Buffer.from('stolen').toString('hex')}${ESC}\\`, ''],
  ['a key that is to be pressed', `${ESC}P1;1|17/${Buffer.from('stolen').toString('hex')}${ESC}\\`, ''],
];

describe('what a program writes to the terminal', () => {
  it.each(sequences)(
    'reaches neither the clipboard nor the title, and no word of it the server: %s',
    async (...row) => {
      const [, sequence, toServer] = row;
      await show(`before ${sequence}`);
      await show(`\r\nafter\r\n`);
      if (typeof toServer === 'string') expect(left.server).toBe(toServer);
      else expect(left.server).toMatch(toServer);
      expect(left.server).not.toMatch(/stolen|taken|own|\r|\n/);
      expect(left.copied).toEqual([]);
      expect(document.title).toBe(TITLE);
      expect(left.sizes).toEqual([]);
      expect(left.links).toEqual([]);
      expect(shown()).toMatch(/\nafter$/);
    },
  );

  it('comes to the same when it arrives byte by byte', async () => {
    const all = sequences.map(([, sequence]) => sequence).join('');
    for (const byte of new TextEncoder().encode(`${all}\r\nafter`))
      await new Promise<void>((resolve) => screen.write(Uint8Array.of(byte), resolve));
    expect(left.server).not.toMatch(/stolen|taken|own|\r|\n/);
    expect(left.copied).toEqual([]);
    expect(document.title).toBe(TITLE);
    expect(shown()).toMatch(/\nafter$/);
  });

  it.each([
    ['a write to the clipboard', `${ESC}]52;c;`],
    ['a title', `${ESC}]0;`],
    ['a setting', `${ESC}P$q`],
    ['a private message', `${ESC}^`],
  ])('of 20 MB without an end does no harm, and what follows its end is shown: %s', async (_name, begin) => {
    await show('before ');
    await show(begin);
    const block = 'A'.repeat(1_000_000);
    for (let count = 0; count < 20; count += 1) await show(block);
    await show(`${ESC}\\after`);
    expect(shown()).toBe('before after');
    expect(left.server).toBe('');
    expect(left.copied).toEqual([]);
    expect(document.title).toBe(TITLE);
  });

  it('with thousands of parameters, or numbers beyond all bounds, writes within the screen', async () => {
    await show(`${ESC}[${'1;'.repeat(5_000)}1mone${ESC}[99999999999999999999;99999999999999999999Htwo`);
    await show(`${ESC}[99999999999D${ESC}[99999999999A${ESC}[999999999999P${ESC}[999999999999Xthree`);
    await show(`${ESC}[24;1Hfour`);
    expect(shown().split('\n').length).toBeLessThanOrEqual(24);
    for (const word of ['one', 'three', 'four']) expect(shown()).toContain(word);
  });

  it('in the other screen is gone with it, and what was shown before is there again', async () => {
    await show(`before\r\n${ESC}[?1049h${ESC}[2J${ESC}[Hof the program`);
    expect(shown()).toBe('of the program');
    await show(`${ESC}[?1049lafter`);
    expect(shown()).toBe('before\nafter');
  });

  it.each([
    ['a title', `${ESC}]0;tak`],
    ['a write to the clipboard', `${ESC}]52;c;${STOLEN}`],
    ['a setting', `${ESC}P$q`],
    ['a mode', `${ESC}[?10`],
    ['the other screen', `${ESC}[?1049h${ESC}[2J${ESC}[5;5Hof the program`],
    ['a region of the screen', `${ESC}[3;5r${ESC}[?6h`],
    ['bytes of one character', '\ud800'],
  ])(
    'and was cut off in the middle of %s leaves the screen to the next shell, below what was shown',
    async (_, cut) => {
      await show('one\r\ntwo\r\n');
      await show(cut);
      screen.beginAnew();
      await show('of the shell');
      expect(shown()).toMatch(/^one\ntwo\n[^]*\nof the shell$/);
      expect(shown()).not.toContain('of the program');
      expect(document.title).toBe(TITLE);
      expect(left.copied).toEqual([]);
      expect(left.server).toBe('');
    },
  );
});

describe('what the user pastes', () => {
  it('arrives between the marks that the program asked for, and cannot end them early', async () => {
    await show(`${ESC}[?2004h`);
    paste(`one\n${ESC}[201~rm -rf /\n\u009b201~two`);
    expect(left.server).toBe(`${ESC}[200~one\r[201~rm -rf /\r201~two${ESC}[201~`);
    expect(left.server.split(`${ESC}[201~`)).toHaveLength(2);
    expect(left.asked).toEqual([]);
  });

  it('is asked about when the program takes each line for typed, also after a program that was cut off', async () => {
    await show(`${ESC}[?2004h`);
    screen.beginAnew();
    await show('$ ');
    paste('one\ntwo\n');
    expect(left.server).toBe('');
    expect(left.asked).toMatchObject([{ text: 'one\ntwo\n', lines: 2 }]);
  });
});
