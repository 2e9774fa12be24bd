import type { ShownUpgradeStep } from '../../../../../shared/model/upgrade/upgrade-run';
import { Command } from '../../../../ui/command';
import { printable } from '../../../../ui/text';

/** The steps in their order, each with the commands that do it. */
export function UpgradeSteps({ steps }: { readonly steps: readonly ShownUpgradeStep[] }) {
  if (steps.length === 0) return <p className="m-muted">Nothing is chosen.</p>;
  return (
    <ol className="m-stack" data-testid="upgrade-steps">
      {steps.map(({ id, title, commands }, index) => (
        <li key={id}>
          <div className="m-strong">{printable(title)}</div>
          {commands.map((command) => (
            <Command key={command} text={command} label={`Copy a command of step ${index + 1}`} />
          ))}
        </li>
      ))}
    </ol>
  );
}
