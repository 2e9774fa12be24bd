/** Control characters but for the line break and the tab, and those that turn the direction of text. */
const unprintable = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text of a server or of a page for the terminal: what would move the cursor, colour or hide text, or turn its direction is
 * shown by its number, in the form that JSON has for it.
 */
export function terminalText(text: string): string {
  return text.replaceAll(unprintable, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
