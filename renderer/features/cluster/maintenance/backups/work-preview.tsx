import type { BackupWorkStep } from '../../../../../shared/model/backups/backup-setup';
import type { OperationCheck } from '../../../../../shared/model/operate/operation';
import { CheckList } from '../../../../ui/check-list';
import { Consequences } from '../../../../ui/consequences';
import { printable } from '../../../../ui/text';
import { TypedName } from '../../../../ui/typed-name';

/** Why the checks refuse a work; null where none does. */
export function whyRefused(checks: readonly OperationCheck[]): string | null {
  const refusal = checks.find(({ verdict }) => verdict === 'refuses');
  return refusal === undefined ? null : printable(refusal.sentence);
}

/** What is for and against a work on servers, what follows from it, the name to type, and every file and command by server. */
export function WorkPreview(props: {
  readonly checks: readonly OperationCheck[];
  readonly consequences: readonly string[];
  readonly steps: readonly BackupWorkStep[];
  readonly typeToConfirm: string | null;
  readonly typed: string;
  readonly onTyped: (text: string) => void;
}) {
  return (
    <>
      <CheckList checks={props.checks} />
      <Consequences consequences={props.consequences} />
      <TypedName wanted={props.typeToConfirm} typed={props.typed} onTyped={props.onTyped} />
      <details className="m-details">
        <summary>What is done on each server</summary>
        <pre className="m-log" tabIndex={0} role="region" aria-label="What is done on each server">
          {props.steps
            .map(({ server, title, lines }) => [`# ${server}: ${title}`, ...lines].map(printable).join('\n'))
            .join('\n\n')}
        </pre>
      </details>
    </>
  );
}
