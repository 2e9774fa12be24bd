import { Button } from '@blueprintjs/core';
import type {
  CertificateDetails,
  CertificateFileState,
  CertificateNameCheck,
  TlsPort,
  CertificateTrust,
} from '../../../../../shared/model/certificates/certificates';
import { printHostPort } from '../../../../../shared/model/connect/host-port';
import {
  certificateServiceNames,
  daysInWords,
  daysLeft,
} from '../../../../../shared/rules/certificates/certificate-words';
import {
  certificateOf,
  CRITICAL_DAYS,
  WARNING_DAYS,
} from '../../../../../shared/rules/certificates/find-certificate-trouble';
import { RENEW_BEFORE_MS } from '../../../../../shared/rules/repair/certificate-facts';
import { namesInWords } from '../../../../../shared/rules/words/wording';
import { Mark } from '../../../../ui/mark';
import { printable } from '../../../../ui/text';
import { Ago, useNow } from '../../../../ui/time';
import { formatDateTime } from '../../../../ui/wording/format';
import type { Tone } from '../../../../ui/wording/words';

function PlaceName({ place }: { readonly place: TlsPort }) {
  const { service, part, server, address, port } = place;
  const name = certificateServiceNames[service];
  return (
    <>
      <div className="m-strong">{printable(part === null ? name : `${name} ${part}`)}</div>
      <div className="m-small m-muted">
        {printable(server)}, <span className="m-mono">{printable(printHostPort({ host: address, port }))}</span>
      </div>
    </>
  );
}

/** One port with the certificate that it shows; one that ends within 30 days can be renewed. */
export function CertificateRow({ place, onRenew }: { readonly place: TlsPort; readonly onRenew: () => void }) {
  const certificate = certificateOf(place);
  const { sight } = place;
  return (
    <tr>
      <td>
        <PlaceName place={place} />
      </td>
      <td>
        {sight.kind === 'not_read' ? (
          <>
            <Mark tone="unknown" word="Not read" />
            <div className="m-small m-muted m-wrap">{printable(sight.why)}</div>
            {sight.last === null ? null : (
              <div className="m-small">
                Last read <Ago at={sight.last.asOf} />:
              </div>
            )}
          </>
        ) : null}
        {certificate === null ? null : <Subject certificate={certificate} />}
      </td>
      <td>{certificate === null ? <span className="m-muted">–</span> : <Issuer certificate={certificate} />}</td>
      <td className="m-nowrap">
        {certificate === null ? (
          <span className="m-muted">–</span>
        ) : (
          <Ends certificate={certificate} onRenew={onRenew} />
        )}
      </td>
      <td>
        <Trust trust={place.trust} />
        <NameCheck name={place.name} />
      </td>
      <td>
        <FileState file={place.file} />
      </td>
    </tr>
  );
}

function Subject({ certificate }: { readonly certificate: CertificateDetails }) {
  return (
    <>
      <div className="m-wrap">{printable(certificate.subject === '' ? 'No subject' : certificate.subject)}</div>
      <div className="m-small m-muted m-wrap" title={`SHA-256 ${certificate.fingerprint}`}>
        {certificate.names.length === 0 ? 'no alternative names' : printable(certificate.names.join(', '))}
      </div>
    </>
  );
}

const signers: Readonly<Record<CertificateDetails['signedBy'], string>> = {
  app: 'authority of this cluster',
  itself: 'signed by itself',
  other: 'another authority',
};

function Issuer({ certificate }: { readonly certificate: CertificateDetails }) {
  return (
    <>
      <div className="m-wrap">{printable(certificate.issuer)}</div>
      <div className="m-small m-muted">{signers[certificate.signedBy]}</div>
    </>
  );
}

function toneOf(until: number, now: number): Tone {
  const days = daysLeft(until, now);
  if (days < CRITICAL_DAYS) return 'crit';
  return days < WARNING_DAYS ? 'warn' : 'good';
}

function Ends(props: { readonly certificate: CertificateDetails; readonly onRenew: () => void }) {
  const { from, until } = props.certificate;
  const now = useNow();
  return (
    <>
      <Mark tone={toneOf(until, now)} word={daysInWords(until, now)} />
      <div className="m-small m-muted">{formatDateTime(until)}</div>
      <div className="m-small m-muted">from {formatDateTime(from)}</div>
      {until - now < RENEW_BEFORE_MS ? <Button size="small" text="Renew" onClick={props.onRenew} /> : null}
    </>
  );
}

function Trust({ trust }: { readonly trust: CertificateTrust }) {
  switch (trust.kind) {
    case 'verified':
      return (
        <div>
          <Mark tone="good" word="Trusted" />
          <div className="m-small m-muted m-wrap">by {printable(namesInWords(trust.by))}</div>
        </div>
      );
    case 'refused':
      return (
        <div>
          <Mark tone="warn" word="Not trusted" />
          <div className="m-small m-wrap">
            by {printable(trust.by)}: {printable(trust.why)}
          </div>
        </div>
      );
    case 'not_checked':
      return (
        <div>
          <Mark tone="unknown" word="Trust not checked" />
          <div className="m-small m-muted m-wrap">{printable(trust.why)}</div>
        </div>
      );
  }
}

function NameCheck({ name }: { readonly name: CertificateNameCheck }) {
  switch (name.kind) {
    case 'fits':
      return <div className="m-small m-muted m-wrap">good for {printable(name.address)}</div>;
    case 'differs':
      return (
        <div className="m-small m-wrap">
          not good for {printable(name.address)}
          {name.matters ? '' : '; nobody who connects here checks that'}
        </div>
      );
    case 'not_checked':
      return null;
  }
}

function FileState({ file }: { readonly file: CertificateFileState }) {
  switch (file.kind) {
    case 'same':
      return (
        <>
          <Mark tone="good" word="Same as shown" />
          <div className="m-small m-muted m-mono m-wrap">{printable(file.path)}</div>
        </>
      );
    case 'differs':
      return (
        <>
          <Mark tone="warn" word="Holds another one" />
          <div className="m-small m-muted m-mono m-wrap">{printable(file.path)}</div>
          <div className="m-small">until {formatDateTime(file.certificate.until)}</div>
        </>
      );
    case 'not_read':
      return (
        <>
          <Mark tone="unknown" word="Not read" />
          <div className="m-small m-muted m-wrap">
            {file.path === null ? '' : `${printable(file.path)}: `}
            {printable(file.why)}
          </div>
        </>
      );
    case 'none':
      return <span className="m-muted">none is named</span>;
  }
}
