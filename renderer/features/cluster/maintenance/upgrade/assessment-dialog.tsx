import type { AssessmentChoice, AssessmentPreview } from '../../../../../shared/model/upgrade/assessment';
import { bytesInWords } from '../../../../../shared/rules/words/wording';
import { CheckList } from '../../../../ui/check-list';
import { Consequences } from '../../../../ui/consequences';
import { printable } from '../../../../ui/text';
import { PreviewedJobDialog } from '../previewed-job-dialog';
import { UpgradeSteps } from './upgrade-steps';

/** Asks the member, its server and apt, and then once: what speaks against it, what will happen, every step with its commands. */
export function AssessmentDialog(props: {
  readonly clusterId: string;
  readonly choice: AssessmentChoice;
  readonly onClose: () => void;
}) {
  const { clusterId, choice } = props;
  return (
    <PreviewedJobDialog
      title={() => `Assess PostgreSQL ${choice.target}`}
      testId="assessment-dialog"
      action="Assess"
      intent="primary"
      words={{
        looking: `Asking ${printable(choice.member)}, its server, and apt what it would do.`,
        waiting: 'The server is being asked.',
        unread: 'The server could not be asked.',
      }}
      wish={{ clusterId, choice }}
      ask={(client) => client.assessments.preview({ clusterId, choice })}
      start={(client, { fingerprint }, confirmed) =>
        client.assessments.start({ clusterId, choice, fingerprint, ...confirmed })
      }
      show={(preview, name) => (
        <>
          <Sizes preview={preview} />
          <CheckList checks={preview.checks} />
          <Consequences consequences={preview.consequences} />
          {name}
          <details className="m-details">
            <summary>The steps and their commands</summary>
            <UpgradeSteps steps={preview.steps.map((step, index) => ({ ...step, id: String(index) }))} />
          </details>
        </>
      )}
      onClose={props.onClose}
    />
  );
}

function Sizes({ preview }: { readonly preview: AssessmentPreview }) {
  const { directory, size, needed, free } = preview;
  const words = (bytes: number | null): string => (bytes === null ? 'not known' : bytesInWords(bytes));
  return (
    <dl className="m-facts">
      <div>
        <dt>Directory</dt>
        <dd className="m-wrap">{printable(directory)}</dd>
      </div>
      <div>
        <dt>Data</dt>
        <dd>{words(size)}</dd>
      </div>
      <div>
        <dt>Needed</dt>
        <dd>{words(needed)}</dd>
      </div>
      <div>
        <dt>Free there</dt>
        <dd>{words(free)}</dd>
      </div>
    </dl>
  );
}
