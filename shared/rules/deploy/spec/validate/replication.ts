import type { ClusterSpec, SpecProblem } from '../../../../model/deploy/spec/cluster-spec';
import { slotName } from '../../../cluster/slot-name';
import { serversWith } from '../../layout';
import { problem, repeated } from './problem';

/** Slots that are kept, and how replicas come to their data. */
export function replicationProblems(spec: ClusterSpec): SpecProblem[] {
  return [...slotProblems(spec), ...methodProblems(spec), ...optionProblems(spec)];
}

function slotProblems(spec: ClusterSpec): SpecProblem[] {
  const members = new Map(serversWith(spec, 'postgres').map(({ name }) => [slotName(name), name]));
  return Object.entries(spec.patroni.slots).flatMap(([name, slot]) => {
    const path = `patroni.slots.${name}`;
    if (!/^[a-z0-9_]{1,63}$/.test(name))
      return [
        problem(
          'slot_name',
          path,
          `"${name}" cannot be the name of a replication slot.`,
          'Use small letters, digits and underscores.',
        ),
      ];
    const member = members.get(name);
    if (member !== undefined)
      return [
        problem(
          'slot_of_member',
          path,
          `The slot ${name} is the one that ${member} streams by.`,
          'Choose another name.',
        ),
      ];
    return slot.type === 'logical' ? logicalProblems(spec, name, slot.database, slot.plugin) : [];
  });
}

function logicalProblems(spec: ClusterSpec, name: string, database: string, plugin: string): SpecProblem[] {
  const path = `patroni.slots.${name}`;
  if (database === '' || plugin === '')
    return [
      problem(
        'slot_incomplete',
        path,
        `The logical slot ${name} needs a database and a plugin.`,
        'Write: name database plugin, e.g. orders shop pgoutput.',
      ),
    ];
  const logical = spec.postgres.parameters['wal_level'] === 'logical';
  return logical
    ? []
    : [
        problem(
          'slot_wal_level',
          path,
          `The logical slot ${name} needs the parameter wal_level at logical.`,
          'Add wal_level with the value logical to the parameters.',
        ),
      ];
}

/** Names that Patroni reads in the same section of its file (postgresql/__init__.py, config.py). */
const takenNames: ReadonlySet<string> = new Set([
  'listen',
  'connect_address',
  'data_dir',
  'bin_dir',
  'bin_name',
  'config_dir',
  'pgpass',
  'authentication',
  'parameters',
  'callbacks',
  'pg_hba',
  'pg_ident',
  'pg_ctl_timeout',
  'use_pg_rewind',
  'use_slots',
  'use_unix_socket',
  'recovery_conf',
  'create_replica_methods',
  'custom_conf',
  'name',
  'scope',
  'database',
  'proxy_address',
]);

function methodProblems({ postgres: { replicaMethods: methods } }: ClusterSpec): SpecProblem[] {
  const doubled = repeated(methods, ({ name }) => name).map(({ index, value }) =>
    problem(
      'method_repeated',
      `postgres.replicaMethods.${index}.name`,
      `The method ${value} is listed twice.`,
      'Remove one of them.',
    ),
  );
  const wrong = methods.flatMap(({ name, command }, index) => {
    const path = `postgres.replicaMethods.${index}`;
    if (!/^[a-z][a-z0-9_-]*$/.test(name) || takenNames.has(name))
      return [
        problem(
          'method_name',
          `${path}.name`,
          `"${name}" cannot name a way to make a replica.`,
          'Use a word of small letters that is no setting of Patroni.',
        ),
      ];
    if (name === 'basebackup')
      return command === ''
        ? []
        : [
            problem(
              'method_command',
              `${path}.command`,
              'basebackup is pg_basebackup and has no command of its own.',
              'Give the command another name.',
            ),
          ];
    return command === ''
      ? [problem('method_command', `${path}.command`, `The method ${name} has no command.`, 'Write: name: command.')]
      : [];
  });
  return [...doubled, ...wrong];
}

/** What Patroni gives pg_basebackup itself, and does not take from anybody (postgresql/bootstrap.py, not_allowed_options). */
const ownOptions: ReadonlySet<string> = new Set([
  'pgdata',
  'format',
  'wal-method',
  'xlog-method',
  'gzip',
  'version',
  'compress',
  'dbname',
  'host',
  'port',
  'username',
  'password',
]);

function optionProblems({ postgres: { basebackup } }: ClusterSpec): SpecProblem[] {
  return Object.keys(basebackup).flatMap((name) => {
    const path = `postgres.basebackup.${name}`;
    if (!/^[a-z][a-z-]*$/.test(name))
      return [
        problem(
          'basebackup_option',
          path,
          `"${name}" is no option of pg_basebackup.`,
          'Use its long name without the dashes, e.g. max-rate.',
        ),
      ];
    return ownOptions.has(name)
      ? [
          problem(
            'basebackup_option',
            path,
            `Patroni sets the option ${name} of pg_basebackup itself.`,
            'Leave it out.',
          ),
        ]
      : [];
  });
}
