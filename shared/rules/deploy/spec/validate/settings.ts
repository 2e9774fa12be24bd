import type { ClusterSpec, SpecProblem } from '../../../../model/deploy/spec/cluster-spec';
import { missingTtlSeconds } from '../../../cluster/timing-rule';
import { serversWith } from '../../layout';
import { isAddress } from './names';
import { warning, problem } from './problem';

/** Patroni's ranges (patroni/validator.py) and its rule of timing, which Patroni itself would bend in silence. */
export function patroniProblems(spec: ClusterSpec): SpecProblem[] {
  const { ttl, loopWait, retryTimeout } = spec.patroni;
  return [
    ...below(ttl, 20, 'patroni.ttl', 'ttl'),
    ...below(loopWait, 1, 'patroni.loopWait', 'loop_wait'),
    ...below(retryTimeout, 3, 'patroni.retryTimeout', 'retry_timeout'),
    ...(missingTtlSeconds(spec.patroni) > 0
      ? [
          problem(
            'timing_rule',
            'patroni.ttl',
            `loop_wait + 2 × retry_timeout is ${loopWait + 2 * retryTimeout} s and must not be more than ttl (${ttl} s).`,
            'Raise ttl, or lower loop_wait or retry_timeout.',
          ),
        ]
      : []),
    ...synchronousProblems(spec),
  ];
}

function below(value: number, least: number, path: string, name: string): SpecProblem[] {
  return value < least
    ? [problem('value_low', path, `${name} is ${value} and must be at least ${least}.`, `Use ${least} or more.`)]
    : [];
}

function synchronousProblems(spec: ClusterSpec): SpecProblem[] {
  const { synchronousMode, synchronousModeStrict, synchronousNodeCount } = spec.patroni;
  const replicas = serversWith(spec, 'postgres').length - 1;
  if (synchronousMode === 'off') return [];
  return [
    ...(synchronousNodeCount > replicas
      ? [
          warning(
            'sync_count',
            'patroni.synchronousNodeCount',
            `${synchronousNodeCount} synchronous replicas are asked for and there are ${Math.max(replicas, 0)} replicas.`,
            'Lower the number or add replicas.',
          ),
        ]
      : []),
    ...(synchronousModeStrict && replicas < 2
      ? [
          warning(
            'sync_strict',
            'patroni.synchronousModeStrict',
            'With strict synchronous mode and fewer than two replicas, the loss of one stops all writes.',
            'Add a replica, or leave strict mode off.',
          ),
        ]
      : []),
  ];
}

/** Parameters Patroni sets itself; a value in the spec would be ignored. */
const patroniOwns = new Set([
  'listen_addresses',
  'port',
  'cluster_name',
  'hot_standby',
  'data_directory',
  'hba_file',
  'ident_file',
  'unix_socket_directories',
  'primary_conninfo',
  'primary_slot_name',
  'synchronous_standby_names',
]);

/** Everything else: networks, parameters, PgBouncer without a target. */
export function settingProblems(spec: ClusterSpec): SpecProblem[] {
  const parameters = Object.keys(spec.postgres.parameters)
    .filter((name) => patroniOwns.has(name))
    .map((name) =>
      problem(
        'parameter_owned',
        `postgres.parameters.${name}`,
        `Patroni sets ${name} itself; a value here would be ignored.`,
        'Remove it.',
      ),
    );
  const networks = spec.clientNetworks.flatMap((network, index) => networkProblem(network, `clientNetworks.${index}`));
  const pooler =
    serversWith(spec, 'pgbouncer').length > 0 && serversWith(spec, 'haproxy').length === 0 && spec.vip === undefined
      ? [
          warning(
            'pooler_without_haproxy',
            'servers',
            'PgBouncer without HAProxy follows no failover: it stays with the first member.',
            'Give the servers with PgBouncer the role haproxy, too.',
          ),
        ]
      : [];
  return [...parameters, ...networks, ...pooler, ...tlsProblems(spec)];
}

/** What TLS being off means, for the services that this set-up makes. Adopted servers are as others made them. */
function tlsProblems(spec: ClusterSpec): SpecProblem[] {
  if (spec.tls === 'on' || spec.servers.every((server) => spec.adopted.includes(server.name))) return [];
  const own = serversWith(spec, 'etcd').some((server) => !spec.adopted.includes(server.name));
  return [
    warning(
      'tls_off',
      'tls',
      'TLS is off: passwords and data cross the network in clear' +
        (own
          ? ', and whoever reaches etcd on its port can change the cluster without a password, up to running programs on its members.'
          : '.'),
      own || spec.etcd.external.length === 0
        ? 'Turn TLS on, or let only the servers themselves reach these ports.'
        : 'The etcd named here decides: where it has no TLS, let only the servers themselves reach these ports.',
    ),
  ];
}

function networkProblem(network: string, path: string): SpecProblem[] {
  const [address = '', bits = ''] = network.split('/');
  const most = address.includes(':') ? 128 : 32;
  if (!isAddress(address) || !/^\d{1,3}$/.test(bits) || Number(bits) > most) {
    return [
      problem('network_invalid', path, `"${network}" is no network.`, 'Write it as address/bits, e.g. 10.0.0.0/24.'),
    ];
  }
  return Number(bits) === 0
    ? [
        warning(
          'network_open',
          path,
          'Anybody who reaches the servers may try passwords.',
          'Name the networks of your applications.',
        ),
      ]
    : [];
}
