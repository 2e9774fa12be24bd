import './upgrade.css';
import type { UpgradeGate } from '../../../../../shared/rules/upgrade/upgrade-gates';
import { Mark } from '../../../../ui/mark';
import { printable } from '../../../../ui/text';
import type { Tone } from '../../../../ui/wording/words';

const words: Readonly<Record<UpgradeGate['verdict'], { readonly tone: Tone; readonly word: string }>> = {
  open: { tone: 'good', word: 'In order' },
  shut: { tone: 'warn', word: 'In the way' },
  unknown: { tone: 'unknown', word: 'Not known' },
};

/** What must be so before a server is stopped, each with how it stands. */
export function GateList({ gates }: { readonly gates: readonly UpgradeGate[] }) {
  return (
    <ul className="m-gates" data-testid="upgrade-gates">
      {gates.map(({ id, verdict, sentence }) => (
        <li key={id}>
          <Mark tone={words[verdict].tone} word={words[verdict].word} />
          <span className="m-wrap">{printable(sentence)}</span>
        </li>
      ))}
    </ul>
  );
}
