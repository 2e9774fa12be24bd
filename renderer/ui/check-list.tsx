import type { OperationCheck } from '../../shared/model/operate/operation';
import { ToneIcon } from './mark';
import { printable } from './text';
import type { Tone } from './wording/words';

const tones: Readonly<Record<OperationCheck['verdict'], Tone>> = { ok: 'good', warns: 'warn', refuses: 'crit' };
const words: Readonly<Record<OperationCheck['verdict'], string>> = {
  ok: 'OK',
  warns: 'Warning',
  refuses: 'Not possible',
};
const order: Readonly<Record<OperationCheck['verdict'], number>> = { refuses: 0, warns: 1, ok: 2 };

/** The checks made before something is done: what forbids it first, then what warns, then what is in order. */
export function CheckList({ checks }: { readonly checks: readonly OperationCheck[] }) {
  const sorted = checks.toSorted((a, b) => order[a.verdict] - order[b.verdict]);
  if (sorted.length === 0) return null;
  return (
    <ul className="m-checks" aria-label="Checks">
      {sorted.map(({ code, verdict, sentence }) => (
        <li key={code + sentence}>
          <span className={`m-tone-${tones[verdict]}`}>
            <ToneIcon tone={tones[verdict]} size={13} />
            <span className="m-hidden">{words[verdict]}: </span>
          </span>
          <span className={`m-wrap ${verdict === 'ok' ? 'm-muted' : ''}`}>{printable(sentence)}</span>
        </li>
      ))}
    </ul>
  );
}
