import './configure.css';
import { Button, InputGroup } from '@blueprintjs/core';
import { SearchIcon } from '@blueprintjs/icons';
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { ConfigRevision } from '../../../shared/model/configure/config-history';
import type { ServerSettings } from '../../../shared/model/configure/server-settings';
import { lowestPatroniVersion } from '../../../shared/rules/cluster/patroni-version';
import { stableText, valueAt, withValue } from '../../../shared/rules/configure/config-patch';
import { judgeDraft, type ConfigContext } from '../../../shared/rules/configure/judge-config';
import { knownParameters } from '../../../shared/rules/configure/parameter-table';
import { judgePermanentSlots } from '../../../shared/rules/configure/slots/permanent-slots';
import { possibleSyncStandbys } from '../../../shared/rules/configure/sync/sync-choice';
import { writeConfigYaml } from '../../../shared/rules/configure/yaml/config-yaml';
import { whyNot } from '../../../shared/rules/operate/offers';
import { waitsForRestart } from '../../../shared/rules/operate/restart-order';
import { useScene } from '../../actions/use-scene';
import { useOpen } from '../../navigation/overlays';
import { goToView } from '../../navigation/route';
import { isViewOf, tabViews, viewsOf, type TabView } from '../../navigation/tab-views';
import { useAnswer } from '../../rpc/hooks';
import { Loading } from '../../ui/loading';
import { Notice } from '../../ui/notice';
import { Empty, Panel } from '../../ui/panel';
import { printable } from '../../ui/text';
import { Ago } from '../../ui/time';
import { HbaRules } from './hba-rules';
import { HistoryList } from './history-list';
import { Review } from './review';
import { SettingList } from './setting-list';
import { allRows, fieldText, shownRows } from './setting-rows';
import { useDraft, type ConfigDraft } from './use-draft';
import { MemberFilesView } from './member/member-files-view';
import { PasswordsView } from './passwords/passwords-view';
import { OriginPanel } from './origin-panel';
import { SlotsView } from './slots/slots-view';
import { SyncView } from './sync/sync-view';
import { YamlRemarks } from './yaml-remarks';

const YamlEditor = lazy(() => import('./yaml-editor'));

type View = TabView<'configuration'>;

/** The configuration of a cluster: as a form and as YAML, the rules of pg_hba, and what was changed. */
export default function ConfigureTab({ state, view }: { readonly state: ClusterState; readonly view: string | null }) {
  if (state.config === null)
    return (
      <Panel title="Dynamic configuration">
        <Empty title="Not known">
          <p>The configuration is read from the DCS or from a member; neither has reported it yet.</p>
        </Empty>
      </Panel>
    );
  return <Configure state={state} raw={state.config.raw} view={isViewOf('configuration', view) ? view : 'form'} />;
}

/** What the configuration is judged by; another one only when something that counts is different. */
function useConfigContext({ members, leader }: ClusterState, settings: ServerSettings | null): ConfigContext {
  const version = lowestPatroniVersion(members.map((member) => member.patroniVersion));
  const count = members.length;
  const standbys = possibleSyncStandbys(members, leader.holder).length;
  return useMemo(() => {
    const definitions = settings?.definitions ?? knownParameters;
    return {
      version,
      definitions: new Map(definitions.map((one) => [one.name.toLowerCase(), one])),
      certain: settings?.from === 'servers',
      members: count,
      standbys,
    };
  }, [version, count, standbys, settings]);
}

interface ConfigureProps {
  readonly state: ClusterState;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly view: View;
}

function Configure({ state, raw, view }: ConfigureProps) {
  const { clusterId } = state;
  const setView = (next: View) => goToView(clusterId, 'configuration', next);
  const draft = useDraft(clusterId, raw);
  const answer = useAnswer(clusterId, (client) => client.configure.settings({ clusterId }));
  const settings = answer.value;
  const context = useConfigContext(state, settings);
  const { members } = state;
  const issues = useMemo(
    () => [...judgeDraft(draft.base, draft.config, context), ...judgePermanentSlots(draft.config, { members })],
    [draft.base, draft.config, context, members],
  );
  const scene = useScene(state);
  const why = state.readOnly ? whyNot(scene, { kind: 'change_config', patch: {} }) : null;
  const undo = (revision: ConfigRevision) => {
    // What is being written is kept, and the editor says what is wrong with it.
    if (draft.read.config === null) return setView('yaml');
    const before = revision.changes.reduce<Readonly<Record<string, unknown>>>(
      (config, change) => withValue(config, change.path, change.before),
      draft.config,
    );
    draft.setText(writeConfigYaml(before));
    setView('review');
  };
  return (
    <div className="m-stack">
      <Bar
        view={view}
        onView={setView}
        draft={draft}
        errors={issues.filter(({ severity }) => severity === 'error').length}
      />
      <News draft={draft} />
      <PendingRestart state={state} />
      {view === 'form' ? (
        <Form
          clusterId={clusterId}
          draft={draft}
          settings={settings}
          issues={issues}
          why={why}
          error={answer.error?.message ?? null}
        />
      ) : null}
      {view === 'yaml' ? (
        <Panel title="Dynamic configuration" note="as YAML; what is stored in the DCS has no comments" flush>
          <Suspense fallback={<Loading what="Loading the editor." />}>
            <YamlEditor
              text={draft.text}
              label="Dynamic configuration as YAML"
              remarks={draft.read.remarks}
              readOnly={why !== null}
              onText={draft.setText}
            />
          </Suspense>
          <YamlRemarks remarks={draft.read.remarks} />
        </Panel>
      ) : null}
      {view === 'hba' ? <Hba state={state} draft={draft} settings={settings} why={why} /> : null}
      {view === 'sync' ? <SyncView state={state} draft={draft} why={whyNotEdit(draft, why)} /> : null}
      {view === 'slots' ? <SlotsView state={state} draft={draft} why={whyNotEdit(draft, why)} /> : null}
      {view === 'member' ? <MemberFilesView state={state} context={context} /> : null}
      {view === 'passwords' ? <PasswordsView state={state} /> : null}
      {view === 'history' ? (
        <HistoryList clusterId={clusterId} revision={stableText(raw)} why={why} onUndo={undo} />
      ) : null}
      {view === 'review' ? (
        <Review state={state} draft={draft} issues={issues} definitions={context.definitions} settings={settings} />
      ) : null}
    </div>
  );
}

/** Why the values of the draft cannot be set now; null where they can. */
function whyNotEdit(draft: ConfigDraft, why: string | null): string | null {
  return draft.read.config === null ? 'The YAML of the draft cannot be read: correct it first.' : why;
}

function Bar(props: {
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly draft: ConfigDraft;
  readonly errors: number;
}) {
  return (
    <div className="m-row m-row-wrap" role="group" aria-label="Views of the configuration">
      {viewsOf('configuration').map((view) => (
        <Button
          key={view}
          size="small"
          text={tabViews.configuration[view]}
          aria-pressed={props.view === view}
          onClick={() => props.onView(view)}
        />
      ))}
      <span className="m-grow" />
      <span className="m-small m-muted" role="status">
        {props.draft.isEdited ? 'The draft is not applied yet.' : 'No changes.'}
        {props.errors === 0 ? '' : ` ${props.errors} ${props.errors === 1 ? 'error' : 'errors'}.`}
      </span>
      {props.draft.isEdited ? <Button size="small" text="Discard the draft" onClick={props.draft.discard} /> : null}
    </div>
  );
}

function News({ draft }: { readonly draft: ConfigDraft }) {
  if (draft.news === null) return null;
  const { conflicts } = draft.news;
  return (
    <Notice
      tone="warn"
      alert
      tools={
        <>
          <Button
            size="small"
            text={conflicts.length === 0 ? 'Merge' : 'Merge, keep mine'}
            onClick={() => draft.merge('mine')}
          />
          {conflicts.length === 0 ? null : (
            <Button size="small" text="Merge, keep theirs" onClick={() => draft.merge('theirs')} />
          )}
        </>
      }
    >
      <div className="m-strong">Somebody else changed the configuration since this draft was begun.</div>
      {conflicts.map(({ path, mine, theirs }) => (
        <div key={path.join('.')} className="m-mono m-small">
          {printable(`${path.join('.')}: yours is ${worded(mine)}, theirs is ${worded(theirs)}`)}
        </div>
      ))}
    </Notice>
  );
}

function worded(value: unknown): string {
  return value === undefined ? 'not set' : fieldText(value);
}

function PendingRestart({ state }: { readonly state: ClusterState }) {
  const open = useOpen();
  const waiting = state.members.filter(waitsForRestart).map(({ name }) => name);
  if (waiting.length === 0) return null;
  return (
    <Notice
      tone="warn"
      tools={
        <Button
          size="small"
          text="Rolling restart"
          onClick={() => open.operation(state.clusterId, { kind: 'rolling_restart', pendingOnly: true, role: 'any' })}
        />
      }
    >
      {waiting.map(printable).join(', ')} {waiting.length === 1 ? 'waits' : 'wait'} for a restart before a change
      counts.
    </Notice>
  );
}

function Form(props: {
  readonly clusterId: string;
  readonly draft: ConfigDraft;
  readonly settings: ServerSettings | null;
  readonly issues: ReturnType<typeof judgeDraft>;
  readonly why: string | null;
  readonly error: string | null;
}) {
  const { draft, settings } = props;
  const [words, setWords] = useState('');
  const [onlySet, setOnlySet] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const asked = useDeferredValue(words);
  const rows = useMemo(() => allRows(settings?.definitions ?? knownParameters, draft.config), [settings, draft.config]);
  const shown = shownRows(rows, { words: asked, onlySet, config: draft.config, base: draft.base });
  const row = rows.find(({ name }) => name === chosen);
  const why = whyNotEdit(draft, props.why);
  return (
    <>
      {row === undefined || settings === null ? null : (
        <OriginPanel clusterId={props.clusterId} row={row} settings={settings} inDcs={valueAt(draft.base, row.path)} />
      )}
      <Panel
        title="Settings"
        note={`${shown.length} of ${rows.length}`}
        flush
        tools={
          <div className="m-row">
            <InputGroup
              type="search"
              size="small"
              leftIcon={<SearchIcon />}
              placeholder="Search"
              aria-label="Search the settings"
              value={words}
              onValueChange={setWords}
            />
            <Button size="small" text="Only set ones" aria-pressed={onlySet} onClick={() => setOnlySet(!onlySet)} />
          </div>
        }
      >
        <Source settings={settings} error={props.error} />
        {why === null ? null : <p className="m-panel-body m-muted">{why}</p>}
        <SettingList
          rows={shown}
          draft={draft}
          settings={settings}
          issues={props.issues}
          why={why}
          chosen={chosen}
          onChoose={(name) => setChosen(name === chosen ? null : name)}
        />
      </Panel>
    </>
  );
}

/** Who says what is shown of the servers, and how old it is. */
function Source({ settings, error }: { readonly settings: ServerSettings | null; readonly error: string | null }) {
  if (settings === null)
    return <p className="m-panel-body m-small m-muted">{error ?? 'Asking the servers for their parameters.'}</p>;
  const unknown = Object.entries(settings.members).filter(([, said]) => said.kind === 'unknown');
  const ages = Object.values(settings.members).flatMap((said) => (said.kind === 'known' ? [said.asOf] : []));
  return (
    <p className="m-panel-body m-small m-muted">
      {ages.length === 0 ? "No server could be asked: Matriarch's own table is shown." : 'Asked the servers '}
      {ages.length === 0 ? null : <Ago at={Math.min(...ages)} />}
      {unknown.length === 0 ? '' : ` Not known: ${unknown.map(([name]) => printable(name)).join(', ')}.`}
    </p>
  );
}

function Hba(props: {
  readonly state: ClusterState;
  readonly draft: ConfigDraft;
  readonly settings: ServerSettings | null;
  readonly why: string | null;
}) {
  const { state, draft } = props;
  const rules = valueAt(draft.config, ['postgresql', 'pg_hba']);
  const leader = state.members.find(({ name }) => name === state.leader.holder) ?? state.members[0];
  const said = leader === undefined ? undefined : props.settings?.members[leader.name];
  return (
    <HbaRules
      rules={Array.isArray(rules) ? rules.map(String) : null}
      said={said?.kind === 'known' ? said : null}
      host={leader?.host ?? null}
      why={props.why}
      onRules={(next) => draft.setValue(['postgresql', 'pg_hba'], [...next])}
    />
  );
}
