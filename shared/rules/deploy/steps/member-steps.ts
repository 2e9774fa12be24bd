import type { Step } from '../../../model/deploy/plan';
import { authoritySecrets } from '../../../model/deploy/secret-name';
import type { ClusterSpec } from '../../../model/deploy/spec/cluster-spec';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { bothAuthorities, patroniConfig, patroniTlsFiles } from '../files/patroni';
import { patroniDropIn } from '../files/units';
import { postgresDataDirectory, endpoints, firstLeader, layoutOf, serversWith } from '../layout';
import { takeoverId, takeoverSteps } from './takeover-steps';
import { packagesId } from './package-steps';
import { certificateStep } from './certificate-steps';
import { patroniProgram } from '../sources/programs';
import type { PlanInput } from './plan-input';
import { virtualenvId, virtualenvSteps } from './source-steps';
import { directoryStep, fileStep, unitStep } from './step-builders';
import { watchdogId, watchdogSteps } from './watchdog-steps';

/** The step after which etcd takes writes. */
export const quorumId = 'cluster/quorum';

/** The step after which the scope has a running primary. */
export const leaderId = 'cluster/leader';

/** The step after which no other member can make the scope's cluster. */
export const claimId = 'cluster/claim';

/** The step after which pg_hba lets every member in. */
export const configId = 'cluster/config';

/** One Patroni member: its file, the unit, and the wait until it does its part. */
export function memberSteps(input: PlanInput, server: ServerSpec): Step[] {
  if (!server.roles.includes('postgres')) return [];
  const { spec } = input;
  const installed = packagesId(server.name, 'services');
  const first = firstLeader(spec)?.name === server.name;
  const existing = spec.postgres.existing?.server === server.name;
  return [
    ...virtualenvSteps(input, server),
    ...patroniFiles(input, server, installed),
    ...certificateStep(input, server, 'patroni', patroniTlsFiles, 'postgres', installed),
    ...authoritiesStep(input, server, installed),
    ...(existing ? takeoverSteps(input, server) : [postgresData(input, server, installed)]),
    ...watchdogSteps(input, server),
    postgresOff(server, existing ? takeoverId(server.name) : installed),
    validateStep(spec, server, existing),
    patroniUnit(input, server, first),
    ...(first ? [] : [replicaStep(input, server)]),
  ];
}

function patroniFiles({ spec, secret, postgresVersion }: PlanInput, server: ServerSpec, installed: string): Step[] {
  const layout = layoutOf(spec);
  const file = { server: server.name, dependsOn: [installed] };
  return [
    fileStep(
      {
        ...file,
        name: 'patroni-config',
        label: 'Patroni: configuration of this member',
        path: layout.patroniConfig,
        owner: 'postgres',
        group: 'postgres',
        mode: 0o600,
        render: (read) => patroniConfig({ spec, server, postgresVersion, secret: read }),
      },
      secret,
    ),
    fileStep(
      {
        ...file,
        name: 'patroni-drop-in',
        label: 'Patroni: start again whatever ended it',
        path: layout.patroniDropIn,
        owner: 'root',
        group: 'root',
        mode: 0o644,
        render: () => patroniDropIn(server.roles.includes('etcd')),
      },
      secret,
    ),
  ];
}

const AUTHORITIES = 'patroni-authorities';

function authoritiesStep({ spec, secret }: PlanInput, server: ServerSpec, installed: string): Step[] {
  const { standby, tls } = spec;
  if (standby?.authority === undefined || tls === 'off') return [];
  const theirs = standby.authority.trim();
  return [
    fileStep(
      {
        server: server.name,
        name: AUTHORITIES,
        label: 'Patroni: the authorities of this site and of the one that it follows',
        path: bothAuthorities,
        owner: 'root',
        group: 'root',
        mode: 0o644,
        dependsOn: [installed],
        render: (read) => `${read(authoritySecrets.trusted).trim()}\n${theirs}\n`,
      },
      secret,
    ),
  ];
}

function postgresData({ spec, postgresVersion }: PlanInput, server: ServerSpec, installed: string): Step {
  return directoryStep(server.name, 'postgres-data', 'PostgreSQL: data directory', [installed], {
    path: postgresDataDirectory(spec, postgresVersion),
    owner: 'postgres',
    group: 'postgres',
    mode: 0o700,
    holds: 'data',
  });
}

function validateStep(spec: ClusterSpec, server: ServerSpec, existing: boolean): Step {
  const own = ['patroni-config', 'postgres-data', 'patroni-certificate'];
  return {
    id: `${server.name}/validate`,
    server: server.name,
    label: 'Patroni: check the configuration',
    dependsOn: [virtualenvId(server.name), ...own.map((name) => `${server.name}/${name}`), quorumId],
    resource: {
      kind: 'validate',
      path: layoutOf(spec).patroniConfig,
      program: patroniProgram(spec.sources),
      occupied: existing,
    },
  };
}

function patroniUnit(input: PlanInput, server: ServerSpec, first: boolean): Step {
  const { spec, postgresVersion } = input;
  const own = ['validate', 'patroni-unit', 'patroni-drop-in', 'postgres-off', AUTHORITIES];
  return unitStep(
    server.name,
    'patroni',
    first ? 'Patroni: start the first member' : 'Patroni: start the replica',
    [...own.map((name) => `${server.name}/${name}`), watchdogId(server.name), ...(first ? [] : replicaNeeds(input))],
    {
      unit: 'patroni.service',
      configuration: [layoutOf(spec).patroniConfig, ...(spec.tls === 'on' ? [patroniTlsFiles.cert] : [])],
      onChange: 'reload',
      alsoReload: spec.tls === 'on' ? `${postgresDataDirectory(spec, postgresVersion)}/postmaster.pid` : null,
    },
  );
}

/** Whether these servers make a cluster that was not there: nothing of it answers, and no data is taken over. */
function isNewCluster({ spec, facts }: PlanInput): boolean {
  return (
    spec.postgres.existing === undefined &&
    spec.adopted.length === 0 &&
    facts.cluster.initialize === null &&
    Object.values(facts.cluster.patroni).every((member) => member === null)
  );
}

/** Whether its first member claims the name of the cluster before there is a leader: one that copies another cluster leads at once. */
export function isClaimed(input: PlanInput): boolean {
  return isNewCluster(input) && input.spec.standby === undefined;
}

/**
 * In a new cluster a replica may start as soon as the first member holds the scope's `initialize` key: it waits for the leader
 * by itself, and pg_hba has come with the bootstrap. One that joins a living cluster waits until pg_hba lets it in.
 */
function replicaNeeds(input: PlanInput): readonly string[] {
  return isClaimed(input) ? [claimId] : [leaderId, configId];
}

/** The distribution's own start of PostgreSQL at boot: Patroni does that. */
function postgresOff(server: ServerSpec, installed: string): Step {
  return {
    id: `${server.name}/postgres-off`,
    server: server.name,
    label: 'PostgreSQL: leave starting to Patroni',
    dependsOn: [installed],
    resource: {
      kind: 'unit',
      unit: 'postgresql.service',
      wanted: 'off',
      configuration: [],
      onChange: 'restart',
      noBlock: false,
      alsoReload: null,
    },
  };
}

function replicaStep(input: PlanInput, server: ServerSpec): Step {
  const { spec, postgresVersion } = input;
  const port = spec.patroni.restPort;
  const copiesInto =
    spec.postgres.existing?.server === server.name ? null : postgresDataDirectory(spec, postgresVersion);
  return {
    id: `${server.name}/replica`,
    server: server.name,
    label: 'Replica: copy from the leader, then stream',
    dependsOn: [`${server.name}/patroni`],
    resource: {
      kind: 'replica',
      copiesInto,
      member: server.name,
      rest: { server: server.name, address: server.address, port },
      members: endpoints(spec, 'postgres', port),
      scope: spec.scope,
      restUser: spec.patroni.restUser,
    },
  };
}

/** Steps that every member must have come through before the cluster is complete. */
export function memberEnds(input: PlanInput): readonly string[] {
  const first = firstLeader(input.spec)?.name;
  return serversWith(input.spec, 'postgres').map((server) =>
    server.name === first ? leaderId : `${server.name}/replica`,
  );
}
