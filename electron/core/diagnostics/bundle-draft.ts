import type { BundleEntry, BundleGap } from '../../../shared/model/diagnostics/diagnostics';
import { maskSecretForms } from '../../../shared/rules/diagnostics/mask-secrets';
import { mask } from '../platform/mask';
import { writeZip } from './write-zip';

/** One text is cut after so many characters, and a bundle takes no more after so many bytes in all. */
const MOST_TEXT = 4 * 1024 * 1024;
const MOST_BYTES = 48 * 1024 * 1024;

/** What is gathered for a bundle. Nothing is masked before all is there: a secret of one file may stand in another. */
export class BundleDraft {
  readonly #texts = new Map<string, string>();
  readonly #gaps: BundleGap[] = [];
  readonly #secrets = new Set<string>();
  readonly #names = new Set<string>();

  /** Adds a text under a path of ASCII letters; an empty one is left out. */
  add(path: string, text: string): void {
    if (text.trim() !== '') this.#texts.set(path, text);
  }

  addData(path: string, value: unknown): void {
    this.add(path, `${JSON.stringify(value, null, 2)}\n`);
  }

  miss(what: string, why: string): void {
    this.#gaps.push({ what, why });
  }

  /** Values that are masked wherever they stand. */
  hide(secrets: readonly string[]): void {
    for (const secret of secrets) this.#secrets.add(secret);
  }

  /**
   * Words that stand everywhere, such as the names of users: where somebody took one for a password, it is masked where its name
   * says that it is one, and not in every path.
   */
  name(words: readonly string[]): void {
    for (const word of words) this.#names.add(word);
  }

  /** The files of the bundle, masked and bounded, `README.txt` first. `readme` gets what is in the bundle. */
  finish(
    at: number,
    readme: (entries: readonly BundleEntry[], gaps: readonly BundleGap[]) => string,
  ): { readonly zip: Buffer; readonly entries: readonly BundleEntry[]; readonly gaps: readonly BundleGap[] } {
    const hidden = [...this.#secrets].filter((secret) => !this.#names.has(secret));
    const masked = (text: string): string => maskSecretForms(mask(text, hidden));
    const entries: BundleEntry[] = [];
    const files: { path: string; content: Buffer }[] = [];
    let left = MOST_BYTES;
    for (const [path, text] of [...this.#texts].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const isCut = text.length > MOST_TEXT;
      const content = Buffer.from(masked(isCut ? wholeLines(text, MOST_TEXT) : text), 'utf8');
      if (content.length > left) {
        this.miss(path, 'The bundle would be too large with it.');
        continue;
      }
      left -= content.length;
      entries.push({ path, size: content.length, isCut });
      files.push({ path, content });
    }
    const gaps = this.#gaps.map(({ what, why }) => ({ what: masked(what), why: masked(why) }));
    const head = Buffer.from(masked(readme(entries, gaps)), 'utf8');
    const all = [{ path: 'README.txt', content: head }, ...files];
    return {
      zip: writeZip(all, at),
      entries: [{ path: 'README.txt', size: head.length, isCut: false }, ...entries],
      gaps,
    };
  }
}

/** The beginning of a text, up to the end of a line: half a line could be half a secret. */
function wholeLines(text: string, most: number): string {
  const head = text.slice(0, most);
  const end = head.lastIndexOf('\n');
  return `${end < 0 ? '' : head.slice(0, end)}\n(cut here)\n`;
}
