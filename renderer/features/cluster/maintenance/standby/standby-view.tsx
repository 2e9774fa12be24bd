import { Button } from '@blueprintjs/core';
import { useState, type ReactNode } from 'react';
import type {
  FollowedSite,
  FollowingSite,
  PairedSite,
  PairLink,
  SystemMatch,
  WayToCluster,
} from '../../../../../shared/model/cluster/cluster-pair';
import type { ClusterState } from '../../../../../shared/model/cluster/cluster-state';
import type { Operation } from '../../../../../shared/model/operate/operation';
import { slotName } from '../../../../../shared/rules/cluster/slot-name';
import { linkLagInWords, sourceInWords, streamingInWords } from '../../../../../shared/rules/standby/pair-words';
import { useScene } from '../../../../actions/use-scene';
import { emptyForm } from '../../../../deployment/form/form';
import { asStandby, firstStandby, withFollowed } from '../../../../deployment/form/standby-form';
import { openDraft } from '../../../../deployment/open-draft';
import { useOpen } from '../../../../navigation/overlays';
import { goTo, hrefOf } from '../../../../navigation/route';
import { useAction, useHasAgent, usePage } from '../../../../rpc/hooks';
import { Mark } from '../../../../ui/mark';
import { ErrorNotice, Notice } from '../../../../ui/notice';
import { Empty, Panel } from '../../../../ui/panel';
import { ReasonButton } from '../../../../ui/reason-button';
import { Term } from '../../../../ui/term';
import { printable } from '../../../../ui/text';
import { Ago } from '../../../../ui/time';
import type { Tone } from '../../../../ui/wording/words';
import RepairDialog from '../repair/repair-dialog';
import { formatBytes, formatLsn } from '../../../../ui/wording/format';

/** What the cluster has to do with clusters at other sites: which one it follows, and which ones follow it. */
export default function StandbyView({ state }: { readonly state: ClusterState }) {
  const { follows = null, followedBy = [], related = [] } = state.pair ?? {};
  const isAlone = follows === null && followedBy.length === 0 && related.length === 0;
  return (
    <div className="m-stack" data-testid="standby-view">
      <ConfigUnknown state={state} />
      {isAlone ? <Alone state={state} /> : null}
      {follows === null ? null : <Followed state={state} followed={follows} />}
      {followedBy.map((follower) => (
        <Follower key={follower.site.clusterId} follower={follower} />
      ))}
      {related.map((site) => (
        <Related key={site.clusterId} state={state} site={site} />
      ))}
    </div>
  );
}

function ConfigUnknown({ state }: { readonly state: ClusterState }) {
  if (state.config !== null) return null;
  return (
    <Notice tone="unknown">
      The dynamic configuration of this cluster is not known now, so neither is whether it follows another one.
    </Notice>
  );
}

/** Begins a set-up of a cluster that follows this one, with what it takes over from here. */
function SetUpButton({ state }: { readonly state: ClusterState }) {
  const page = usePage();
  const hasAgent = useHasAgent();
  const begin = useAction(async () => {
    const empty = emptyForm(hasAgent);
    const scope = `${state.scope.slice(0, 55)}-standby`;
    const found = await page.call((client) =>
      client.deploy.follow({ clusterId: empty.spec.id, followed: state.clusterId }),
    );
    const named = { ...empty, spec: { ...empty.spec, scope, namespace: state.namespace } };
    const form = asStandby(named, firstStandby(named.spec));
    const id = await openDraft(page, { ...form, spec: withFollowed(form.spec, found) }, 'servers');
    goTo({ page: 'deploy', at: ['draft', id, 'servers'] });
  });
  return (
    <>
      {begin.error === null ? null : <ErrorNotice error={begin.error} />}
      <Button text="Set up a standby cluster" loading={begin.busy} onClick={() => void begin.run()} />
    </>
  );
}

function Alone({ state }: { readonly state: ClusterState }) {
  return (
    <Empty title="No other cluster is known to follow this one">
      <p>
        A <Term name="standby cluster">standby cluster</Term> at another site replicates from this one and can take over
        when the site is lost. Patroni calls the section of its dynamic configuration <code>standby_cluster</code>. The
        two are shown here as a pair once both are in the app.
      </p>
      <SetUpButton state={state} />
    </Empty>
  );
}

const ways: Readonly<Record<WayToCluster, string>> = {
  member: 'the address of a member',
  virtual_address: 'the virtual address',
  load_balancer: 'a load balancer',
  connection: 'the list of connections there, which names this standby leader',
};

function Followed({ state, followed }: { readonly state: ClusterState; readonly followed: FollowedSite }) {
  const { site, source, link, by } = followed;
  const named = sourceInWords(source);
  return (
    <Panel
      title={<>Follows {site === null ? printable(named) : <SiteLink site={site} />}</>}
      tools={<StartButton state={state} text="Promote" operation={{ kind: 'promote_cluster', cutOff: false }} />}
    >
      <Facts>
        <Fact name="Configured source">
          {printable(named)}
          {by === null ? ', which is no cluster of this app' : `: ${ways[by]}`}
        </Fact>
        <Fact name="Slot there">{source.slot === null ? 'none' : printable(source.slot)}</Fact>
        <LinkFacts link={link} />
        {site === null ? null : <SiteFacts site={site} />}
      </Facts>
      {site === null ? (
        <p className="m-muted">Add that cluster to see how far behind this one is, and whether it takes writes.</p>
      ) : null}
    </Panel>
  );
}

function Follower({ follower }: { readonly follower: FollowingSite }) {
  return (
    <Panel
      title={
        <>
          Followed by <SiteLink site={follower.site} />
        </>
      }
    >
      <Facts>
        <LinkFacts link={follower.link} />
        <SiteFacts site={follower.site} />
      </Facts>
    </Panel>
  );
}

/** Begins an operation on the cluster; while something other than its form forbids it, the button says what. */
function StartButton(props: {
  readonly state: ClusterState;
  readonly text: string;
  readonly operation: Operation;
  readonly why?: string | null;
}) {
  const open = useOpen();
  const { busy } = useScene(props.state);
  const atWork = busy === null ? null : `Another job is at work: ${busy}. Wait until it has ended.`;
  return (
    <ReasonButton
      size="small"
      text={props.text}
      why={props.why ?? atWork}
      onClick={() => open.operation(props.state.clusterId, props.operation)}
    />
  );
}

/** One port where all members have the same, else one for each. */
function portsOf({ places }: PairedSite): string {
  const ports = places.map(({ port }) => String(port));
  return new Set(ports).size === 1 ? (ports[0] ?? '') : ports.join(',');
}

/** A slot of the other cluster for this one: the one that is there, else the name that it would get. */
function slotFor(state: ClusterState, site: PairedSite): string {
  const own = slotName(state.scope);
  return site.slots.find((slot) => slot === own) ?? own;
}

function Related({ state, site }: { readonly state: ClusterState; readonly site: PairedSite }) {
  const open = useOpen();
  const slot = slotFor(state, site);
  const demotion: Operation = {
    kind: 'demote_cluster',
    site: site.clusterId,
    host: site.places.map(({ host }) => host).join(','),
    port: portsOf(site),
    slot,
    lose: false,
  };
  const whyNot =
    site.isStandby === false && site.writes.kind === 'yes' ? null : `${site.title} is not seen to take writes.`;
  const [isCopying, setCopying] = useState(false);
  return (
    <Panel
      title={
        <>
          Same origin as <SiteLink site={site} />
        </>
      }
      tools={
        <>
          {site.slots.includes(slot) ? null : (
            <Button
              size="small"
              variant="minimal"
              text={`Make slot ${slot} there`}
              onClick={() =>
                open.operation(site.clusterId, {
                  kind: 'change_config',
                  patch: { slots: { [slot]: { type: 'physical' } } },
                })
              }
            />
          )}
          {state.config?.standbyCluster === true ? null : (
            <StartButton state={state} text="Make this its standby" operation={demotion} why={whyNot} />
          )}
          <ReasonButton
            size="small"
            text="Copy this anew as its standby"
            why={whyNot}
            onClick={() => setCopying(true)}
          />
        </>
      }
    >
      {isCopying ? (
        <RepairDialog
          clusterId={state.clusterId}
          repair={{ kind: 'former_primary', site: site.clusterId }}
          onClose={() => setCopying(false)}
        />
      ) : null}
      <p>
        Both clusters come from one initdb, and neither follows the other: one was promoted, or made from a copy of the
        other.
      </p>
      <Facts>
        <SiteFacts site={site} />
      </Facts>
    </Panel>
  );
}

function SiteLink({ site }: { readonly site: PairedSite }) {
  return (
    <a
      className="m-site-link"
      href={hrefOf({ page: 'cluster', clusterId: site.clusterId, tab: 'maintenance', view: 'standby' })}
    >
      {printable(site.title)}
    </a>
  );
}

function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="m-facts">{children}</dl>;
}

function Fact(props: { readonly name: ReactNode; readonly children: ReactNode }) {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  );
}

const streamTones: Readonly<Record<PairLink['streaming'], Tone>> = {
  yes: 'good',
  archive: 'info',
  no: 'warn',
  not_known: 'unknown',
};

function LinkFacts({ link }: { readonly link: PairLink }) {
  return (
    <>
      <Fact name="Replication">
        <Mark tone={streamTones[link.streaming]} word={streamingInWords(link)} />
      </Fact>
      <Fact name={<Term name="replay lag">Lag</Term>}>
        {linkLagInWords(link)}
        {link.why === null ? <LagDetails link={link} /> : <div className="m-small m-muted">{printable(link.why)}</div>}
      </Fact>
      <Fact name="Last transaction there">
        {link.replayedAt === null ? (
          'not known'
        ) : (
          <>
            committed <Ago at={link.replayedAt} />
          </>
        )}
      </Fact>
    </>
  );
}

function LagDetails({ link }: { readonly link: PairLink }) {
  return (
    <div className="m-small m-muted">
      Not received: {formatBytes(link.receive)}. Not replayed: {formatBytes(link.replay)}. As of <Ago at={link.asOf} />
      {link.current ? '' : ': one side does not answer now'}.
    </div>
  );
}

const systems: Readonly<Record<SystemMatch, { readonly tone: Tone; readonly word: string }>> = {
  same: { tone: 'good', word: 'the same' },
  different: { tone: 'crit', word: 'different: no copy of the same data' },
  not_known: { tone: 'unknown', word: 'not known' },
};

const writeTones: Readonly<Record<PairedSite['writes']['kind'], Tone>> = {
  yes: 'info',
  no: 'idle',
  not_known: 'unknown',
};

function SiteFacts({ site }: { readonly site: PairedSite }) {
  const { tone, word } = systems[site.system];
  return (
    <>
      <Fact name="System identifier">
        <Mark tone={tone} word={word} />
      </Fact>
      <Fact name="Takes writes there">
        <Mark tone={writeTones[site.writes.kind]} word={printable(site.writes.sentence)} />
      </Fact>
      <Fact name="Leader there">{site.leader === null ? 'not known' : printable(site.leader)}</Fact>
      <Fact name={<Term name="timeline">Timeline there</Term>}>
        {site.timeline ?? 'not known'}, position {formatLsn(site.lsn)}
        {site.lsnAsOf === null ? null : (
          <>
            {' '}
            as of <Ago at={site.lsnAsOf} />
          </>
        )}
      </Fact>
    </>
  );
}
