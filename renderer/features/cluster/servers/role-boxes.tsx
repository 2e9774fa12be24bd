import '../../../ui/styles/choices.css';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import type { ServerRole } from '../../../../shared/model/deploy/spec/server-spec';
import { missingRoles } from '../../../../shared/rules/deploy/day2/change-offers';
import { countEtcdMembers, judgeEtcdSize } from '../../../../shared/rules/deploy/roles/etcd-size';
import { serverRoleNames } from '../../../../shared/rules/deploy/roles/role-names';
import { Mark } from '../../../ui/mark';

const explains: Readonly<Record<ServerRole, string>> = {
  postgres: 'A replica of the leader, ready to take over.',
  etcd: 'A vote in leader elections.',
  haproxy: 'An address for applications that always reaches the leader.',
  pgbouncer: 'A connection pool in front of HAProxy.',
  prometheus: 'Collects figures of all members and raises alerts.',
};

/** The roles a server gets. Those that are `fixed` belong to what was asked for. */
export function RoleBoxes(props: {
  readonly spec: ClusterSpec;
  readonly name: string;
  readonly fixed: readonly ServerRole[];
  readonly roles: readonly ServerRole[];
  readonly onRoles: (roles: readonly ServerRole[]) => void;
}) {
  const { spec, roles, fixed } = props;
  const has = spec.servers.find((server) => server.name === props.name)?.roles ?? [];
  const offered = missingRoles(spec, has);
  const toggle = (role: ServerRole) =>
    props.onRoles(roles.includes(role) ? roles.filter((one) => one !== role) : [...roles, role]);
  const others = countEtcdMembers({ servers: spec.servers.filter((server) => server.name !== props.name) });
  const size = judgeEtcdSize(others + (has.includes('etcd') || roles.includes('etcd') ? 1 : 0));
  return (
    <fieldset className="m-fieldset m-choices">
      <legend className="m-strong">Roles</legend>
      {offered.map((role) => (
        <label key={role} className="m-choice">
          <input
            type="checkbox"
            checked={roles.includes(role)}
            disabled={fixed.includes(role)}
            onChange={() => toggle(role)}
          />
          <span>
            <span className="m-choice-label">{serverRoleNames[role]}</span>
            <span className="m-small m-muted">{explains[role]}</span>
          </span>
        </label>
      ))}
      {fixed.length > 0 || !offered.includes('etcd') ? null : (
        <Mark tone={size.verdict === 'good' ? 'good' : 'warn'} word={size.sentence} />
      )}
    </fieldset>
  );
}
