import { Fragment, type ReactNode } from 'react';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import { missingTtlSeconds } from '../../../shared/rules/cluster/timing-rule';
import { useOpen } from '../../navigation/overlays';
import { formatBytes } from '../../ui/wording/format';
import { Empty, Panel } from '../../ui/panel';
import { ReasonButton } from '../../ui/reason-button';
import { Term } from '../../ui/term';
import { printable } from '../../ui/text';
import { whyNot } from '../../../shared/rules/operate/offers';
import { useScene } from '../../actions/use-scene';

/** The dynamic configuration as it is in the DCS, and a button to change one setting. */
export default function Configuration({ state }: { readonly state: ClusterState }) {
  const open = useOpen();
  const scene = useScene(state);
  const { config } = state;
  if (config === null)
    return (
      <Panel title="Dynamic configuration">
        <Empty title="Not known">
          <p>The configuration is read from the DCS or from a member; neither has reported it yet.</p>
        </Empty>
      </Panel>
    );
  const why = whyNot(scene, { kind: 'change_config', patch: {} });
  const change = (
    <ReasonButton
      size="small"
      text="Change one parameter"
      why={why}
      onClick={() => open.operation(state.clusterId, { kind: 'change_config', patch: {} })}
    />
  );
  const rows = flatten(config.raw, '');
  return (
    <div className="m-overview-bottom">
      <Panel title="Dynamic configuration" note={<InDcs />} tools={change} flush>
        <table className="m-table m-table-dense m-table-fixed">
          <colgroup>
            <col style={{ width: '62%' }} />
            <col />
          </colgroup>
          <thead>
            <tr>
              <th>Setting</th>
              <th>Value</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, value]) => (
              <tr key={name}>
                <td className="m-mono m-wrap">{printable(name)}</td>
                <td className="m-mono m-wrap">{printable(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      <Panel title="Failover settings">
        <dl className="m-facts">
          {facts(state).map(([name, value], index) => (
            <Fragment key={index}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </Fragment>
          ))}
        </dl>
      </Panel>
    </div>
  );
}

function facts(state: ClusterState): readonly (readonly [ReactNode, string])[] {
  const { config } = state;
  if (config === null) return [];
  const missing = missingTtlSeconds(config);
  return [
    [<Term name="leader key">Leader lock (ttl)</Term>, `${config.ttl} s`],
    [<Term name="HA loop">HA loop (loop_wait)</Term>, `${config.loopWait} s`],
    ['Retry (retry_timeout)', `${config.retryTimeout} s`],
    [
      'Timing rule',
      missing === 0 ? 'OK: loop_wait + 2 × retry_timeout ≤ ttl' : `broken: ttl is ${missing} s too short`,
    ],
    ['Maximum lag for failover', formatBytes(config.maximumLagOnFailover)],
    ['Timeline checked', config.checkTimeline ? 'yes' : 'no'],
    ['Standby cluster', config.standbyCluster ? 'yes' : 'no'],
  ];
}

const DEEPEST = 6;

/** The configuration as lines of dotted names, in the order it is written. */
function flatten(
  value: Readonly<Record<string, unknown>>,
  path: string,
  depth = 0,
): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = path === '' ? name : `${path}.${name}`;
    return isMap(inner) && depth < DEEPEST
      ? flatten(inner, here, depth + 1)
      : [[here, typeof inner === 'string' ? inner : (JSON.stringify(inner) ?? '')]];
  });
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

function InDcs() {
  return (
    <>
      as stored in the <Term name="DCS">DCS</Term>
    </>
  );
}
