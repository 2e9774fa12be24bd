/** What the keys came to. */
export type EditorEvent =
  { readonly kind: 'line'; readonly text: string } | { readonly kind: 'interrupt' } | { readonly kind: 'end' };

/** Most characters on a line, and most lines that the arrow keys find again. */
const MOST = 4_096;
const REMEMBERED = 200;

/** Escape sequences of keys, and single characters; one at a time. */
const KEYS = /\u001b\[[0-?]*[ -/]*[@-~]|\u001bO.|\u001b|[^\u001b]/gsu;

/** The editing of one line in a terminal, by the keys that every shell knows; what is to be shown goes to `show`. */
export class LineEditor {
  readonly #show: (text: string) => void;
  readonly #history: string[] = [];
  #prompt = '';
  #text = '';
  #at = 0;
  #past = 0;

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  /** Begins a new line. */
  begin(prompt: string): void {
    this.#prompt = prompt;
    this.#text = '';
    this.#at = 0;
    this.#past = this.#history.length;
    this.#show(prompt);
  }

  /** Takes keys up to the end of a line; answers what happened, and the keys that were not used. */
  feed(keys: string): { readonly event: EditorEvent | null; readonly rest: string } {
    for (const { 0: key, index } of keys.matchAll(KEYS)) {
      const event = this.#key(key);
      if (event !== null) return { event, rest: keys.slice(index + key.length) };
    }
    return { event: null, rest: '' };
  }

  #key(key: string): EditorEvent | null {
    switch (key) {
      case '\r':
      case '\n':
        return this.#enter();
      case '\u0003':
        this.#show('^C\r\n');
        return { kind: 'interrupt' };
      case '\u0004':
        return this.#text === '' ? { kind: 'end' } : null;
      default:
        this.#edit(key);
        return null;
    }
  }

  #enter(): EditorEvent {
    const text = this.#text;
    this.#show('\r\n');
    if (text.trim() !== '' && this.#history.at(-1) !== text) this.#history.push(text);
    if (this.#history.length > REMEMBERED) this.#history.shift();
    return { kind: 'line', text };
  }

  #edit(key: string): void {
    switch (key) {
      case '\u007f':
      case '\b':
        if (this.#at > 0) this.#set(this.#text.slice(0, this.#at - 1) + this.#text.slice(this.#at), this.#at - 1);
        return;
      case '\u001b[3~':
        return this.#set(this.#text.slice(0, this.#at) + this.#text.slice(this.#at + 1), this.#at);
      case '\u0015':
        return this.#set(this.#text.slice(this.#at), 0);
      case '\u000b':
        return this.#set(this.#text.slice(0, this.#at), this.#at);
      case '\u000c':
        this.#show('\u001b[H\u001b[2J');
        return this.#set(this.#text, this.#at);
      default:
        if (!this.#move(key) && !/[\p{Cc}]/u.test(key)) this.#insert(key);
    }
  }

  #move(key: string): boolean {
    const to: Readonly<Record<string, () => void>> = {
      D: () => this.#set(this.#text, Math.max(0, this.#at - 1)),
      C: () => this.#set(this.#text, Math.min(this.#text.length, this.#at + 1)),
      H: () => this.#set(this.#text, 0),
      F: () => this.#set(this.#text, this.#text.length),
      A: () => this.#recall(-1),
      B: () => this.#recall(1),
    };
    const controls: Readonly<Record<string, string>> = { '\u0001': 'H', '\u0005': 'F', '\u0010': 'A', '\u000e': 'B' };
    const name = controls[key] ?? /^\u001b[[O]([ABCDHF])$/.exec(key)?.[1];
    if (name === undefined) return false;
    to[name]?.();
    return true;
  }

  #insert(text: string): void {
    if (this.#text.length + text.length > MOST) return;
    const isAtEnd = this.#at === this.#text.length;
    this.#text = this.#text.slice(0, this.#at) + text + this.#text.slice(this.#at);
    this.#at += text.length;
    if (isAtEnd) this.#show(text);
    else this.#set(this.#text, this.#at);
  }

  #recall(step: number): void {
    this.#past = Math.min(this.#history.length, Math.max(0, this.#past + step));
    const text = this.#history[this.#past] ?? '';
    this.#set(text, text.length);
  }

  /** Draws the line anew: to its beginning, the prompt and the text, the rest cleared, and back to the cursor. */
  #set(text: string, at: number): void {
    this.#text = text;
    this.#at = at;
    const back = text.length - at;
    this.#show(`\r${this.#prompt}${text}\u001b[K${back === 0 ? '' : `\u001b[${back}D`}`);
  }
}
