import type { OperationCheck } from '../../../shared/model/operate/operation';
import { ToneIcon } from '../../ui/mark';
import { printable } from '../../ui/text';
import type { Tone } from '../../ui/wording/words';

const tones: Readonly<Record<OperationCheck['verdict'], Tone>> = { ok: 'good', warns: 'warn', refuses: 'crit' };
const words: Readonly<Record<OperationCheck['verdict'], string>> = {
  ok: 'OK',
  warns: 'Warning',
  refuses: 'Not possible',
};

/** The checks made before an operation: what forbids it first, then what warns, then what is in order. */
export function Checks({ checks }: { readonly checks: readonly OperationCheck[] }) {
  const order = { refuses: 0, warns: 1, ok: 2 } as const;
  const sorted = [...checks].sort((a, b) => order[a.verdict] - order[b.verdict]);
  if (sorted.length === 0) return null;
  return (
    <ul className="m-checks" aria-label="Checks">
      {sorted.map((check) => (
        <li key={check.code + check.sentence}>
          <span className={`m-tone-${tones[check.verdict]}`}>
            <ToneIcon tone={tones[check.verdict]} size={13} />
            <span className="m-hidden">{words[check.verdict]}: </span>
          </span>
          <span className={`m-wrap ${check.verdict === 'ok' ? 'm-muted' : ''}`}>{printable(check.sentence)}</span>
        </li>
      ))}
    </ul>
  );
}
