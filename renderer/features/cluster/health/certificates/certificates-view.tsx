import { Button } from '@blueprintjs/core';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { CertificateInventory, TlsPort } from '../../../../../shared/model/certificates/certificates';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import { printHostPort } from '../../../../../shared/model/connect/host-port';
import { certificatesAsCsv } from '../../../../../shared/rules/certificates/certificate-csv';
import { placeInWords, placeKey } from '../../../../../shared/rules/certificates/certificate-words';
import { findCertificateTrouble } from '../../../../../shared/rules/certificates/find-certificate-trouble';
import { findingKey } from '../../../../../shared/rules/cluster/findings/finding-key';
import { goTo } from '../../../../navigation/route';
import { useAnswer } from '../../../../rpc/hooks';
import { Answered } from '../../../../ui/answered';
import { downloadText } from '../../../../ui/download';
import { ErrorNotice, Notice } from '../../../../ui/notice';
import { Empty, Panel } from '../../../../ui/panel';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import { plural } from '../../../../ui/wording/format';
import { CertificateRow } from './certificate-row';

const RepairDialog = lazy(() => import('../../maintenance/repair/repair-dialog'));

/** All certificates that a cluster shows on its ports, whoever made them. */
export default function CertificatesView({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const answer = useAnswer(clusterId, (client) => client.certificates.read({ clusterId }));
  const again = <Button size="small" text="Read again" loading={answer.loading} onClick={answer.reload} />;
  return (
    <Answered
      answer={answer}
      what="Reading the certificates on every port, over SSH."
      tools={again}
      show={(view) => <Inventory state={state} view={view} again={again} />}
    />
  );
}

interface Props {
  readonly state: ClusterState;
  readonly view: CertificateInventory;
  readonly again: ReactNode;
}

function Inventory({ state, view, again }: Props) {
  const { clusterId } = state;
  const [renews, setRenews] = useState(false);
  const { authority } = view;
  const secured = view.places.filter(({ sight }) => sight.kind !== 'plain');
  const plain = view.places.filter(({ sight }) => sight.kind === 'plain');
  const tools = (
    <>
      {view.isRotatable ? (
        <Button size="small" text="Rotate keys" onClick={() => goTo({ page: 'cluster', clusterId, tab: 'servers' })} />
      ) : null}
      {authority === null ? null : (
        <Button
          size="small"
          text="Save the authority"
          title="What applications verify the servers with (sslrootcert), as PEM"
          onClick={() => downloadText(`authority-${fileName(state.scope)}.crt`, authority)}
        />
      )}
      <Button
        size="small"
        text="Save as CSV"
        disabled={view.places.length === 0}
        onClick={() => downloadText(`certificates-${fileName(state.scope)}.csv`, certificatesAsCsv(view))}
      />
      {again}
    </>
  );
  return (
    <div className="m-stack" data-testid="certificates">
      {findCertificateTrouble(view).map((finding) => (
        <Notice key={findingKey(finding)} tone={finding.severity === 'critical' ? 'crit' : 'warn'}>
          <div className="m-strong">{printable(finding.sentence)}</div>
          <div className="m-small m-muted m-wrap">{printable(finding.evidence)}</div>
          <div>{printable(finding.advice)}</div>
        </Notice>
      ))}
      {view.problems.map(({ server, error }) => (
        <div key={server}>
          <p>
            The configuration on {printable(server)} could not be read: certificates that only it names are not in this
            list, and files are not compared.
          </p>
          <ErrorNotice error={error} />
        </div>
      ))}
      <Panel title="Certificates" note={<ReadNote view={view} />} tools={tools} flush>
        {secured.length === 0 ? (
          <Empty title="No certificate">
            <p>No port of this cluster that could be read speaks TLS.</p>
          </Empty>
        ) : (
          <table className="m-table" aria-label="Certificates">
            <TableHead columns={['Shown by', 'Certificate', 'Issuer', 'Ends', 'Trust and name', 'File']} />
            <tbody>
              {secured.map((place) => (
                <CertificateRow key={placeKey(place)} place={place} onRenew={() => setRenews(true)} />
              ))}
            </tbody>
          </table>
        )}
      </Panel>
      <PlainPorts places={plain} />
      {renews ? (
        <Suspense fallback={null}>
          <RepairDialog
            clusterId={clusterId}
            repair={{ kind: 'certificates', given: null }}
            onClose={() => setRenews(false)}
          />
        </Suspense>
      ) : null}
    </div>
  );
}

function ReadNote({ view }: { readonly view: CertificateInventory }) {
  return (
    <>
      read <Ago at={view.asOf} />
    </>
  );
}

/** Ports without TLS, in one sentence for each service: they are no fault by themselves. */
function PlainPorts({ places }: { readonly places: readonly TlsPort[] }) {
  if (places.length === 0) return null;
  return (
    <Panel title="Without TLS" note={plural(places.length, 'port')}>
      <ul aria-label="Ports without TLS">
        {places.map((place) => (
          <li key={placeKey(place)}>
            {printable(placeInWords(place))},{' '}
            <span className="m-mono">{printable(printHostPort({ host: place.address, port: place.port }))}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function fileName(scope: string): string {
  return scope.replace(/[^\w.-]+/g, '_').slice(0, 80);
}
