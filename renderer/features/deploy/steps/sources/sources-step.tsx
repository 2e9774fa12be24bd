import { Button, FormGroup, HTMLSelect } from '@blueprintjs/core';
import { useEffect, useMemo, useState } from 'react';
import type { AvailableVersions } from '../../../../../shared/model/deploy/deploy-views';
import { useAnswer } from '../../../../rpc/hooks';
import { Answered } from '../../../../ui/answered';
import { Mark } from '../../../../ui/mark';
import { ErrorNotice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import { TableHead } from '../../../../ui/table-head';
import { printable } from '../../../../ui/text';
import { askableSpec } from '../../../../deployment/form/repositories';
import { commonMajors } from '../../../../deployment/form/versions';
import { serverKey } from '../../../../deployment/form/server-key';
import { useSpec, useWizard } from '../../wizard/wizard-context';
import { SoftwareSources } from './software-sources';
import { RouteChoice } from './package-source-choice';

/** Where packages come from, and which versions there really are. */
export function SourcesStep() {
  const spec = useSpec();
  const [refresh, setRefresh] = useState(0);
  const asked = useMemo(() => askableSpec(spec), [spec]);
  const sources = useSettled(asked === null ? '' : JSON.stringify(asked.sources));
  const key = `${spec.servers.map(serverKey).join(' ')} ${sources}`;
  const found = useAnswer(`${key} ${refresh}`, (client) =>
    asked === null ? Promise.resolve([]) : client.deploy.available({ spec: asked, refresh: refresh > 0 }),
  );
  return (
    <>
      <RouteChoice />
      <Panel
        title="Available versions"
        note="as apt reports them on each server"
        flush
        tools={
          <Button
            size="small"
            text="Run apt update again"
            loading={found.loading && refresh > 0}
            onClick={() => setRefresh(refresh + 1)}
          />
        }
      >
        <Answered
          answer={found}
          what="Asking apt on each server."
          show={(offers) => <Offers offers={offers} busy={found.loading} />}
        />
      </Panel>
      <Panel title="Versions">
        <PostgresVersion offers={found.value ?? []} />
      </Panel>
      <SoftwareSources offers={found.value ?? []} />
    </>
  );
}

/** How long a form rests before the servers are asked about it, ms. */
const restMs = 900;

/** A text that follows another once it was left alone for a while: servers are not asked at every letter. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), restMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function Offers({ offers, busy }: { readonly offers: readonly AvailableVersions[]; readonly busy: boolean }) {
  return (
    <table className={`m-table ${busy ? 'm-busy' : ''}`}>
      <TableHead columns={['Server', 'PostgreSQL', 'Patroni', 'etcd', 'HAProxy', 'PgBouncer']} />
      <tbody>
        {offers.map((offer) => (
          <Offer key={offer.server} offer={offer} />
        ))}
      </tbody>
    </table>
  );
}

function Offer({ offer }: { readonly offer: AvailableVersions }) {
  if (offer.error !== null)
    return (
      <tr>
        <td>{printable(offer.server)}</td>
        <td colSpan={5}>
          <ErrorNotice error={offer.error} />
        </td>
      </tr>
    );
  const one = (version: string | null) =>
    version === null ? <Mark tone="warn" word="none" /> : <span className="m-mono">{shortVersion(version)}</span>;
  return (
    <tr>
      <td>{printable(offer.server)}</td>
      <td>
        {offer.postgres.length === 0 ? (
          <Mark tone="warn" word="none" />
        ) : (
          offer.postgres.map((each) => (
            <div key={each.major} title={printable(each.version)}>
              <span className="m-strong">{each.major}</span>{' '}
              <span className="m-small m-muted">
                {printable(each.origin.replace(/^https?:\/\//, '')) || 'source not reported'}
              </span>
            </div>
          ))
        )}
      </td>
      <td>{one(offer.patroni)}</td>
      <td>{one(offer.etcd)}</td>
      <td>{one(offer.haproxy)}</td>
      <td>{one(offer.pgbouncer)}</td>
    </tr>
  );
}

function shortVersion(version: string): string {
  return printable(version.replace(/^\d+:/, '').split(/[-+~]/)[0] ?? version);
}

function PostgresVersion({ offers }: { readonly offers: readonly AvailableVersions[] }) {
  const wizard = useWizard();
  const spec = useSpec();
  const majors = commonMajors(spec, offers);
  const chosen = spec.postgres.version;
  const shown = chosen === undefined || majors.includes(chosen) ? majors : [chosen, ...majors];
  const choose = (value: string) =>
    wizard.changeSpec((before) => {
      const { version: _version, ...postgres } = before.postgres;
      return { ...before, postgres: value === '' ? postgres : { ...postgres, version: Number(value) } };
    });
  return (
    <FormGroup
      label="PostgreSQL"
      labelFor="postgres-version"
      helperText={
        chosen !== undefined && offers.length > 0 && !majors.includes(chosen) ? (
          <span className="m-tone-warn">
            Not every PostgreSQL server offers {chosen}. Add a repository below that has it.
          </span>
        ) : (
          'The major version, the same on all members.'
        )
      }
    >
      <HTMLSelect
        id="postgres-version"
        value={chosen === undefined ? '' : String(chosen)}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value="">The newest that all offer{majors[0] === undefined ? '' : ` (${majors[0]})`}</option>
        {shown.map((major) => (
          <option key={major} value={major}>
            {major}
          </option>
        ))}
      </HTMLSelect>
    </FormGroup>
  );
}
