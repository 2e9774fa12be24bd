import { Button, FormGroup, HTMLSelect, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import { useStore } from 'zustand';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import {
  DRILL_LIMIT,
  drillFaults,
  drillWayKinds,
  type DrillChoice,
  type DrillLeft,
  type DrillReport,
  type DrillView as View,
} from '../../../../../shared/model/drill/drill';
import { drillFaultWords, drillWayWords, switchInWords } from '../../../../../shared/rules/drill/drill-words';
import { useOpen } from '../../../../navigation/overlays';
import { useAction, useAnswer, usePage } from '../../../../rpc/hooks';
import { isUnderWay } from '../../../../rpc/live/jobs';
import { Answered } from '../../../../ui/answered';
import { Choices, Switch } from '../../../../ui/choices';
import { ErrorNotice, Notice } from '../../../../ui/notice';
import { Empty, Panel } from '../../../../ui/panel';
import { ReasonButton } from '../../../../ui/reason-button';
import { printable } from '../../../../ui/text';
import { formatDateTime } from '../../../../ui/wording/format';
import { DrillDialog } from './drill-dialog';
import { DrillReportPanel } from './drill-report';

const faultExplanations: Readonly<Record<DrillChoice['fault'], string>> = {
  switchover: 'The planned way: Patroni is asked to hand the lead over. Nothing acknowledged is lost.',
  postgres_killed: 'SIGKILL to the main process of PostgreSQL, as after a crash.',
  patroni_killed: 'SIGKILL to Patroni; PostgreSQL goes on.',
  patroni_frozen: 'SIGSTOP to Patroni: it hangs, keeps its PostgreSQL running, and loses its leader lock.',
  server_rebooted: 'systemctl reboot on the server of the leader.',
  network_cut: 'nft drops all but SSH on the server of the leader: nobody else reaches it.',
};

/** Failover drills of a cluster: a form, what a broken-off drill left, and the reports. */
export default function DrillView({ state }: { readonly state: ClusterState }) {
  const { clusterId } = state;
  const job = useStore(usePage().jobs, ({ jobs }) =>
    jobs.find((one) => one.clusterId === clusterId && one.kind === 'drill' && isUnderWay(one.status)),
  );
  const view = useAnswer(`drills ${clusterId} ${job?.id ?? ''}`, (client) => client.drills.view({ clusterId }));
  const [choice, setChoice] = useState<DrillChoice | null>(null);
  return (
    <div className="m-stack" data-testid="drill-view">
      {job === undefined ? null : <Notice tone="busy">{printable(job.title)}: under way, see the jobs.</Notice>}
      <Answered
        answer={view}
        what="Reading the reports of drills."
        tools={<Button size="small" text="Try again" onClick={view.reload} />}
        show={(shown) => (
          <>
            {shown.left === null ? null : <Left left={shown.left} clusterId={clusterId} />}
            <DrillForm state={state} isBusy={job !== undefined} onChoose={setChoice} />
            <Reports view={shown} />
          </>
        )}
      />
      {choice === null ? null : <DrillDialog clusterId={clusterId} first={choice} onClose={() => setChoice(null)} />}
    </div>
  );
}

function Left(props: { readonly left: DrillLeft; readonly clusterId: string }) {
  const { left, clusterId } = props;
  const page = usePage();
  const open = useOpen();
  const clean = useAction(async () => {
    const job = await page.call((client) => client.drills.clean({ clusterId, requestId: crypto.randomUUID() }));
    open.jobs(job.id);
  });
  return (
    <>
      {clean.error === null ? null : <ErrorNotice error={clean.error} />}
      <Notice
        tone="warn"
        tools={<Button size="small" text="Clean up" loading={clean.busy} onClick={() => void clean.run()} />}
      >
        <div className="m-strong">{printable(left.sentence)}</div>
        <div>
          {drillFaultWords[left.fault]}, begun {formatDateTime(left.startedAt)}. What it made is removed, and the fault
          taken away, as soon as the cluster is reached.
        </div>
      </Notice>
    </>
  );
}

/** A limit that leaves time for the leader lock to run out and another member to take over, s. */
function usualLimit({ config }: ClusterState): number {
  const wanted = (config?.ttl ?? 30) + 2 * (config?.loopWait ?? 10) + 20;
  return Math.min(DRILL_LIMIT.most, Math.max(DRILL_LIMIT.least, wanted));
}

function DrillForm(props: {
  readonly state: ClusterState;
  readonly isBusy: boolean;
  readonly onChoose: (choice: DrillChoice) => void;
}) {
  const { state } = props;
  const [fault, setFault] = useState<DrillChoice['fault']>('switchover');
  const [ways, setWays] = useState<DrillChoice['ways']>([...drillWayKinds]);
  const [vip, setVip] = useState('');
  const [limit, setLimit] = useState(String(usualLimit(state)));
  const [vipId, limitId] = [useId(), useId()];
  const limitSeconds = Number(limit);
  const isLimit =
    Number.isInteger(limitSeconds) && limitSeconds >= DRILL_LIMIT.least && limitSeconds <= DRILL_LIMIT.most;
  const begin = () =>
    props.onChoose({ fault, ways, serverId: null, vip: vip.trim() === '' ? null : vip.trim(), limitSeconds });
  return (
    <Panel title="Hold a drill" note="nothing happens before you have confirmed it">
      <div className="m-stack">
        <Choices
          legend="Fault on the leader"
          value={fault}
          choices={drillFaults.map((value) => ({
            value,
            label: drillFaultWords[value],
            explain: faultExplanations[value],
          }))}
          onValue={setFault}
        />
        <fieldset className="m-fieldset m-choices">
          <legend className="m-strong">Ways in that are measured</legend>
          {drillWayKinds.map((kind) => (
            <Switch
              key={kind}
              label={drillWayWords[kind]}
              explain={wayExplanations[kind]}
              checked={ways.includes(kind)}
              onValue={(checked) => setWays(checked ? [...ways, kind] : ways.filter((one) => one !== kind))}
            />
          ))}
        </fieldset>
        <div className="m-form-row">
          <FormGroup
            label="Virtual address"
            labelFor={vipId}
            helperText="host:port. Empty: the one the cluster was set up with here."
          >
            <InputGroup id={vipId} value={vip} autoComplete="off" spellCheck={false} onValueChange={setVip} />
          </FormGroup>
          <FormGroup
            label="Limit in seconds"
            labelFor={limitId}
            helperText={isLimit ? switchInWords(fault, limitSeconds) || 'This fault ends by itself.' : limitWords}
          >
            <InputGroup id={limitId} value={limit} inputMode="numeric" autoComplete="off" onValueChange={setLimit} />
          </FormGroup>
        </div>
        <div>
          <ReasonButton
            intent="primary"
            text="Check and confirm"
            why={whyNotBegin({ isBusy: props.isBusy, ways, isLimit })}
            onClick={begin}
          />
        </div>
      </div>
    </Panel>
  );
}

const limitWords = `A whole number from ${DRILL_LIMIT.least} to ${DRILL_LIMIT.most}.`;

function whyNotBegin(form: {
  readonly isBusy: boolean;
  readonly ways: readonly string[];
  readonly isLimit: boolean;
}): string | null {
  if (form.isBusy) return 'A drill is under way.';
  if (form.ways.length === 0) return 'Choose at least one way in.';
  return form.isLimit ? null : limitWords;
}

const wayExplanations: Readonly<Record<DrillChoice['ways'][number], string>> = {
  haproxy: 'The port on which HAProxy leads to the leader, usually 5000.',
  pgbouncer: 'The port of PgBouncer, usually 6432. It must let a new role in (auth_query).',
  vip: 'The address that moves to the server which can serve.',
  direct: 'A DSN that names every member, with target_session_attrs=read-write.',
};

function Reports({ view }: { readonly view: View }) {
  const { reports, unreadable } = view;
  const [chosen, setChosen] = useState<string | null>(null);
  const id = useId();
  const report = reports.find((one) => one.id === chosen) ?? reports[0];
  const problem =
    unreadable.length === 0 ? null : (
      <Notice tone="warn">
        {unreadable.length} {unreadable.length === 1 ? 'report' : 'reports'} on this computer could not be read:{' '}
        {printable(unreadable.join(', '))}
      </Notice>
    );
  if (report === undefined)
    return (
      <>
        {problem}
        <Empty title="No drill has been held yet">
          <p>Reports of drills are kept on this computer and compared with the one before.</p>
        </Empty>
      </>
    );
  return (
    <>
      {problem}
      {reports.length < 2 ? null : (
        <FormGroup label="Report" labelFor={id} inline>
          <HTMLSelect id={id} value={report.id} onChange={(event) => setChosen(event.currentTarget.value)}>
            {reports.map((one) => (
              <option key={one.id} value={one.id}>
                {nameOf(one)}
              </option>
            ))}
          </HTMLSelect>
        </FormGroup>
      )}
      <DrillReportPanel report={report} reports={reports} />
    </>
  );
}

function nameOf({ fault, struckAt }: DrillReport): string {
  return `${formatDateTime(struckAt)}: ${drillFaultWords[fault]}`;
}
