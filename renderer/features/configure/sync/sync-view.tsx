import { FormGroup, InputGroup } from '@blueprintjs/core';
import { useId } from 'react';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { lowestPatroniVersion } from '../../../../shared/rules/cluster/patroni-version';
import {
  possibleSyncStandbys,
  readSyncChoice,
  whyNotQuorum,
  type SyncChoice,
} from '../../../../shared/rules/configure/sync/sync-choice';
import { syncCosts, type SyncCosts } from '../../../../shared/rules/configure/sync/sync-costs';
import { bytesInWords } from '../../../../shared/rules/words/wording';
import { Choices, Switch, type Choice } from '../../../ui/choices';
import { Notice } from '../../../ui/notice';
import { Panel } from '../../../ui/panel';
import { printable } from '../../../ui/text';
import type { ConfigDraft } from '../use-draft';

const CHOICES: readonly Choice<SyncChoice['mode']>[] = [
  {
    value: 'off',
    label: 'Off',
    explain: 'A commit waits for nobody. The fastest; a failover may lose the last moments.',
  },
  {
    value: 'on',
    label: 'On',
    explain: 'A commit waits for members that Patroni chooses. Only they take over, so that nothing confirmed is lost.',
  },
  {
    value: 'quorum',
    label: 'Quorum',
    explain: 'A commit waits for any of the members, whoever is fastest. A failover asks around who has the most.',
  },
];

const COSTS: Readonly<Record<keyof SyncCosts, string>> = {
  commit: 'Each commit waits for',
  oneStandbyLost: 'When one replica is lost',
  allStandbysLost: 'When all replicas are lost',
  leaderLost: 'When the leader is lost',
};

/** Synchronous replication as a choice, with what it costs with the members that there are. It changes the draft. */
export function SyncView(props: {
  readonly state: ClusterState;
  readonly draft: ConfigDraft;
  readonly why: string | null;
}) {
  const { state, draft, why } = props;
  const choice = readSyncChoice(draft.config);
  const standbys = possibleSyncStandbys(state.members, state.leader.holder);
  const noQuorum = whyNotQuorum(lowestPatroniVersion(state.members.map((member) => member.patroniVersion)));
  const set = (key: string, value: unknown) => {
    if (why === null) draft.setValue([key], value);
  };
  return (
    <Panel title="Synchronous mode" note="changes the draft; Review shows and applies it">
      <div className="m-stack">
        {why === null ? null : <p className="m-muted">{printable(why)}</p>}
        <Choices
          legend="What a commit waits for"
          value={choice.mode}
          choices={CHOICES.filter(({ value }) => value !== 'quorum' || noQuorum === null || choice.mode === 'quorum')}
          onValue={(mode) => set('synchronous_mode', modeValue(mode, draft))}
        />
        {noQuorum === null ? null : <p className="m-small m-muted">{printable(noQuorum)}</p>}
        {choice.mode === 'off' ? null : <Details choice={choice} standbys={standbys.length} onSet={set} />}
        <Costs state={state} choice={choice} standbys={standbys} />
        <Now state={state} />
      </div>
    </Panel>
  );
}

/** Off is what Patroni does without the setting; one that was written stays written. */
function modeValue(mode: SyncChoice['mode'], draft: ConfigDraft): unknown {
  if (mode === 'off') return draft.base['synchronous_mode'] === undefined ? undefined : false;
  return mode === 'on' ? true : 'quorum';
}

function Details(props: {
  readonly choice: SyncChoice;
  readonly standbys: number;
  readonly onSet: (key: string, value: unknown) => void;
}) {
  const { choice, onSet } = props;
  const [count, lag] = [useId(), useId()];
  return (
    <>
      <Switch
        label="Strict"
        explain="Without any synchronous member writes stop, in place of going on unprotected."
        checked={choice.strict}
        onValue={(strict) => onSet('synchronous_mode_strict', strict ? true : undefined)}
      />
      <div className="m-row m-row-wrap">
        <FormGroup
          label="Members a commit waits for"
          labelFor={count}
          helperText={`synchronous_node_count; ${props.standbys} may be one now.`}
        >
          <InputGroup
            id={count}
            inputMode="numeric"
            value={String(choice.count)}
            onValueChange={(text) => onSet('synchronous_node_count', numberOf(text))}
          />
        </FormGroup>
        <FormGroup
          label="Lag from which another one is chosen"
          labelFor={lag}
          helperText="maximum_lag_on_syncnode in bytes; -1: never because of its lag."
        >
          <InputGroup
            id={lag}
            inputMode="numeric"
            value={String(choice.maximumLag)}
            onValueChange={(text) => onSet('maximum_lag_on_syncnode', numberOf(text))}
          />
        </FormGroup>
      </div>
    </>
  );
}

function numberOf(text: string): unknown {
  const value = text.trim();
  if (value === '') return undefined;
  return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

function Costs({
  state,
  choice,
  standbys,
}: {
  readonly state: ClusterState;
  readonly choice: SyncChoice;
  readonly standbys: readonly string[];
}) {
  const costs = syncCosts(choice, {
    standbys: standbys.length,
    loopWait: state.config?.loopWait ?? 10,
    lagOnFailover: bytesInWords(state.config?.maximumLagOnFailover ?? 1_048_576),
  });
  const excluded = state.members.filter(({ name }) => name !== state.leader.holder && !standbys.includes(name));
  return (
    <>
      <table className="m-table m-table-dense" data-testid="sync-costs">
        <caption className="m-hidden">What it costs with {state.members.length} members</caption>
        <tbody>
          {(['commit', 'oneStandbyLost', 'allStandbysLost', 'leaderLost'] as const).map((key) => (
            <tr key={key}>
              <th scope="row">{COSTS[key]}</th>
              <td className="m-wrap">{costs[key]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {excluded.length === 0 ? null : (
        <p className="m-small m-muted">
          Not counted, because a tag keeps {excluded.length === 1 ? 'it' : 'them'} from it:{' '}
          {excluded.map(({ name }) => printable(name)).join(', ')}.
        </p>
      )}
    </>
  );
}

function Now({ state }: { readonly state: ClusterState }) {
  if (state.sync === null || state.sync.mode === 'off') return null;
  const { standbys } = state.sync;
  return (
    <Notice tone={standbys.length === 0 ? 'warn' : 'info'}>
      {standbys.length === 0
        ? 'No member is a synchronous standby now.'
        : `Synchronous now: ${standbys.map(printable).join(', ')}.`}
    </Notice>
  );
}
