import '../../ui/styles/dialog.css';
import { Button, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { MemberServices, ServiceAction, ServiceName, ServiceStatus } from '../../../shared/model/operate/service';
import {
  serviceActionTitle,
  serviceCommand,
  serviceConsequences,
  serviceWords,
  typeForService,
  whyNotService,
} from '../../../shared/rules/operate/service-rules';
import { ServiceLogView } from '../../actions/service-log';
import { useBusyJob } from '../../actions/use-scene';
import { useOpen, type ServicesDraft } from '../../navigation/overlays';
import { useAction, useAnswer, useClusterFeed, usePage, type Asked } from '../../rpc/hooks';
import { FocusedDialog } from '../../ui/focused-dialog';
import { Answered } from '../../ui/answered';
import { Command } from '../../ui/command';
import { Mark } from '../../ui/mark';
import { ErrorNotice } from '../../ui/notice';
import { ReasonButton } from '../../ui/reason-button';
import { TableHead } from '../../ui/table-head';
import { printable } from '../../ui/text';
import { Ago } from '../../ui/time';
import { TypedName } from '../../ui/typed-name';
import { serviceStateWords } from '../../ui/wording/words';

/** What was chosen to be done with a service, before it is confirmed. */
interface Chosen {
  readonly service: ServiceStatus;
  readonly action: ServiceAction;
}

/** The services on a member's server over SSH: how they run, their logs, and starting and stopping them. */
export default function ServicesDialog(props: { readonly draft: ServicesDraft; readonly onClose: () => void }) {
  const { clusterId, member } = props.draft;
  const { state } = useClusterFeed(clusterId);
  const services = useAnswer(`${clusterId} ${member}`, (client) => client.services.read({ clusterId, member }));
  const [log, setLog] = useState<ServiceName>(props.draft.log);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  return (
    <FocusedDialog isOpen className="m-services" title={`Services on ${printable(member)}`} onClose={props.onClose}>
      {chosen === null || state === null ? (
        <Overview services={services} state={state} member={member} log={log} onLog={setLog} onChoose={setChosen} />
      ) : (
        <Confirmation
          state={state}
          member={member}
          chosen={chosen}
          onBack={() => setChosen(null)}
          onClose={props.onClose}
        />
      )}
    </FocusedDialog>
  );
}

function Overview(props: {
  readonly services: Asked<MemberServices>;
  readonly state: ClusterState | null;
  readonly member: string;
  readonly log: ServiceName;
  readonly onLog: (service: ServiceName) => void;
  readonly onChoose: (chosen: Chosen) => void;
}) {
  const { services, state } = props;
  const again = <Button size="small" text="Try again" loading={services.loading} onClick={services.reload} />;
  return (
    <DialogBody>
      <div className="m-stack">
        <Answered
          answer={services}
          what="Asking systemd over SSH."
          tools={again}
          show={(value) => (
            <>
              <ServiceTable {...props} services={value} />
              <div className="m-row m-small m-muted">
                Read on {printable(value.server)} <Ago at={value.asOf} />
                <span className="m-grow" />
                <Button size="small" text="Read again" loading={services.loading} onClick={services.reload} />
              </div>
            </>
          )}
        />
        {state === null ? null : (
          <section className="m-stack-tight" aria-label="Log">
            <h3>Log of {serviceWords[props.log]}</h3>
            <ServiceLogView key={props.log} clusterId={state.clusterId} member={props.member} service={props.log} />
          </section>
        )}
      </div>
    </DialogBody>
  );
}

const actions: readonly ServiceAction[] = ['start', 'stop', 'restart'];
const verbs: Readonly<Record<ServiceAction, string>> = { start: 'Start', stop: 'Stop', restart: 'Restart' };

function ServiceTable(props: {
  readonly services: MemberServices;
  readonly state: ClusterState | null;
  readonly log: ServiceName;
  readonly onLog: (service: ServiceName) => void;
  readonly onChoose: (chosen: Chosen) => void;
}) {
  const { services } = props;
  if (services.services.length === 0)
    return <p className="m-muted">None of Patroni, PostgreSQL, etcd, HAProxy and PgBouncer is installed there.</p>;
  return (
    <table className="m-table m-table-dense">
      <TableHead columns={['Service', 'State', 'Since']} unseen="Actions" />
      <tbody>
        {services.services.map((service) => (
          <ServiceRow key={service.name} {...props} service={service} />
        ))}
      </tbody>
    </table>
  );
}

function ServiceRow(props: {
  readonly service: ServiceStatus;
  readonly state: ClusterState | null;
  readonly log: ServiceName;
  readonly onLog: (service: ServiceName) => void;
  readonly onChoose: (chosen: Chosen) => void;
}) {
  const { service, state } = props;
  const name = serviceWords[service.name];
  const { word, tone } = serviceStateWords[service.state];
  const busy = useBusyJob(state?.clusterId ?? null);
  const why = (action: ServiceAction) => {
    if (state === null) return 'The state of the cluster is being read.';
    return busy === null ? whyNotService(state, service, action) : `Another job is at work: ${busy}.`;
  };
  return (
    <tr data-testid={`service-${service.name}`}>
      <td>
        <div className="m-strong">{name}</div>
        <div className="m-small m-muted">
          {service.unit === null ? 'run by Patroni' : printable(service.unit)}
          {service.enabled === false ? ', does not start at boot' : ''}
        </div>
      </td>
      <td>
        <Mark tone={tone} word={word} />
      </td>
      <td className="m-muted m-nowrap">{service.since === null ? '–' : <Ago at={service.since} />}</td>
      <td>
        <div className="m-row m-row-actions">
          {actions.map((action) => (
            <ReasonButton
              key={action}
              size="small"
              text={verbs[action]}
              aria-label={`${verbs[action]} ${name}`}
              why={why(action)}
              onClick={() => props.onChoose({ service, action })}
            />
          ))}
          <Button
            size="small"
            text="Log"
            aria-label={`Log of ${name}`}
            aria-pressed={props.log === service.name}
            active={props.log === service.name}
            onClick={() => props.onLog(service.name)}
          />
        </div>
      </td>
    </tr>
  );
}

function Confirmation(props: {
  readonly state: ClusterState;
  readonly member: string;
  readonly chosen: Chosen;
  readonly onBack: () => void;
  readonly onClose: () => void;
}) {
  const { state, member, chosen } = props;
  const page = usePage();
  const open = useOpen();
  const [typed, setTyped] = useState('');
  const [requestId] = useState(() => crypto.randomUUID());
  const request = { member, service: chosen.service.name, action: chosen.action };
  const wanted = typeForService(state, request);
  const start = useAction(async () => {
    const job = await page.call((client) =>
      client.services.act({
        ...request,
        clusterId: state.clusterId,
        typed: wanted === null ? null : typed,
        requestId,
      }),
    );
    props.onClose();
    open.jobs(job.id);
  });
  const title = serviceActionTitle(request.service, request.action, printable(member));
  const why =
    whyNotService(state, chosen.service, chosen.action) ??
    (wanted === null || typed === wanted ? null : `Type ${wanted} to confirm.`);
  return (
    <>
      <DialogBody>
        <div className="m-stack">
          {start.error === null ? null : <ErrorNotice error={start.error} />}
          <h3>{title}</h3>
          <ul className="m-consequences">
            {serviceConsequences(state, request).map((sentence) => (
              <li key={sentence} className="m-wrap">
                {printable(sentence)}
              </li>
            ))}
          </ul>
          <TypedName wanted={wanted} typed={typed} onTyped={setTyped} />
          <details className="m-details">
            <summary>Equivalent command</summary>
            <Command text={serviceCommand(chosen.service.unit ?? '', chosen.action)} />
          </details>
        </div>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Back" onClick={props.onBack} />
            <ReasonButton
              intent={chosen.action === 'start' ? 'primary' : 'danger'}
              data-testid="confirm"
              text={`${verbs[chosen.action]} ${serviceWords[request.service]}`}
              loading={start.busy}
              why={why}
              onClick={() => void start.run()}
            />
          </>
        }
      />
    </>
  );
}
