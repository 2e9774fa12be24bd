/** What a clipboard holds, ready for a terminal. */
export interface PasteText {
  /** Without characters that only a key or a program sends: an escape could end a bracketed paste early. */
  readonly text: string;
  /** How many lines a shell would take it for. */
  readonly lines: number;
  /** Whether to ask first: a program without bracketed paste would run each line as it arrives. */
  readonly asks: boolean;
}

/** Judges a paste. `bracketed`: the program in the terminal tells a paste from typing. */
export function judgePaste(clipboard: string, bracketed: boolean): PasteText {
  const text = clipboard.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
  const lines = text.replace(/\n+$/, '').split('\n').length;
  return { text, lines, asks: !bracketed && text.includes('\n') };
}

/** The same on one line, for a paste that must not run anything by itself. */
export function onOneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
