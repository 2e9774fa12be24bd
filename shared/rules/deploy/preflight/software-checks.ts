import type { ServerFacts } from '../../../model/deploy/facts';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { postgresDataDirectory, layoutOf } from '../layout';
import { neededPackages } from '../steps/package-steps';
import { packageHosts, unagreedHosts } from '../sources/package-hosts';
import { archiveResource, virtualenvResource } from '../sources/programs';
import { portsOf } from '../spec/validate/ports';
import { monitoredMembers } from '../monitoring';
import { foreignMonitoring } from '../steps/monitoring-steps';
import { vipOnServer } from './vip-checks';
import { blocks, fine, warns, type CheckResult, type PreflightInput, type ServerCheck } from './input';

/** What is on the machine already, and where packages come from. */
export const softwareChecks: readonly ServerCheck[] = [
  { id: 'ports', name: 'Ports in use', run: ports },
  { id: 'pgdata', name: 'PostgreSQL data', run: pgdata },
  { id: 'etcd-data', name: 'etcd data', run: etcdData },
  { id: 'services', name: 'Services that run already', run: services },
  { id: 'apt', name: 'Package manager', run: (_, facts) => apt(facts) },
  { id: 'repositories', name: 'Package sources reachable', run: repositories },
  { id: 'packages', name: 'Packages', run: packages },
  { id: 'vip', name: 'Virtual address', run: vipOnServer },
  { id: 'monitoring', name: 'Prometheus and exporters', run: monitoring },
];

/** Programs that this deployment itself makes listen. */
const ownPrograms: ReadonlySet<string> = new Set([
  'etcd',
  'postgres',
  'patroni',
  'python3',
  'haproxy',
  'pgbouncer',
  // The kernel keeps fifteen letters of a name.
  'prometheus',
  'prometheus-aler',
  'prometheus-node',
  'prometheus-post',
]);

function ports(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult {
  const used = portsOf(input.spec, server);
  const taken = used.flatMap((wanted) => {
    const found = facts.ports.find((port) => port.port === wanted.port);
    if (found === undefined) return [];
    const ours = facts.manifest !== null && found.process !== null && ownPrograms.has(found.process);
    const converted =
      takesOver(server, input) && wanted.port === input.spec.postgres.port && found.process === 'postgres';
    return ours || converted ? [] : [`${wanted.port} (${wanted.name}) by ${found.process ?? 'another program'}`];
  });
  if (taken.length === 0) return fine(`${used.map((entry) => entry.port).join(', ')} are free or ours.`);
  return blocks(`Taken: ${taken.join(', ')}.`, 'Stop the program that listens there, or choose other ports.');
}

/** The PostgreSQL that runs on this server shall become the cluster's leader. */
function takesOver(server: ServerSpec, { spec }: PreflightInput): boolean {
  return spec.postgres.existing?.server === server.name;
}

function pgdata(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult | null {
  if (!server.roles.includes('postgres')) return null;
  if (takesOver(server, input)) return fine('The PostgreSQL that runs here becomes the leader, with its data.');
  const wanted = input.postgresVersion === null ? null : postgresDataDirectory(input.spec, input.postgresVersion);
  if (wanted === null) return otherClusters(facts) ?? fine('There is none.');
  const ours = facts.manifest?.data.includes(wanted) ?? false;
  if (!ours && isFilled(facts, wanted))
    return blocks(
      `${wanted} holds data.`,
      'It was not made by this deployment and will not be touched. Convert that PostgreSQL into the cluster, ' +
        'move the data away, or choose another directory.',
    );
  return otherClusters(facts) ?? fine(ours ? 'It was made by this deployment.' : 'There is none.');
}

function isFilled(facts: ServerFacts, path: string): boolean {
  const found = facts.paths[path];
  return found !== undefined && found.kind !== 'absent' && !found.empty;
}

function otherClusters(facts: ServerFacts): CheckResult | null {
  const ours = facts.manifest?.data ?? [];
  const others = facts.postgresClusters.filter((cluster) => !ours.includes(cluster.directory));
  if (others.length === 0) return null;
  return warns(
    others
      .map(
        (cluster) => `${cluster.directory} (PostgreSQL ${cluster.version}, ${cluster.running ? 'running' : 'stopped'})`,
      )
      .join(', '),
    'Another PostgreSQL is on this server; it will not be touched.',
  );
}

function etcdData(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult | null {
  if (!server.roles.includes('etcd')) return null;
  const directory = layoutOf(input.spec).etcdData;
  const ours = facts.manifest?.data ?? [];
  if (isFilled(facts, directory) && !ours.includes(directory))
    return blocks(
      `${directory} holds data.`,
      'It was not made by this deployment and will not be touched. Move it away, or choose another directory.',
    );
  const others = facts.etcdDirectories.filter((entry) => !ours.includes(entry));
  return others.length > 0
    ? warns(others.join(', '), 'Data of another etcd is on this server; it will not be touched.')
    : fine(ours.includes(directory) ? 'It was made by this deployment.' : 'There is none.');
}

const roleUnits: readonly (readonly [ServerSpec['roles'][number], string])[] = [
  ['etcd', 'etcd.service'],
  ['postgres', 'patroni.service'],
  ['haproxy', 'haproxy.service'],
  ['pgbouncer', 'pgbouncer.service'],
];

function services(server: ServerSpec, facts: ServerFacts): CheckResult {
  const ours = new Set(facts.manifest?.units.map((unit) => unit.unit) ?? []);
  const foreign = roleUnits
    .filter(([role, unit]) => server.roles.includes(role) && facts.units[unit]?.active === 'active' && !ours.has(unit))
    .map(([, unit]) => unit);
  if (foreign.length === 0)
    return fine(
      facts.manifest === null ? 'None that this deployment would set up.' : 'They were set up by this deployment.',
    );
  return blocks(
    `${foreign.join(', ')} run${foreign.length === 1 ? 's' : ''} already.`,
    'Somebody else set them up; they are not taken over. Adopt that cluster, or use another server.',
  );
}

/** A Prometheus or an exporter of others is never given another configuration. */
function monitoring(server: ServerSpec, facts: ServerFacts, { spec }: PreflightInput): CheckResult | null {
  const layout = layoutOf(spec);
  const isMember = monitoredMembers(spec).some(({ name }) => name === server.name);
  const files = [
    ...(isMember ? [layout.nodeExporterSettings, layout.postgresExporterSettings] : []),
    ...(server.roles.includes('prometheus')
      ? [layout.prometheusConfig, layout.prometheusSettings, layout.alertmanagerSettings]
      : []),
  ];
  if (files.length === 0) return null;
  const ours = facts.manifest?.files.map(({ path }) => path) ?? [];
  const foreign = files.filter((path) => (facts.paths[path]?.kind ?? 'absent') !== 'absent' && !ours.includes(path));
  return foreign.length === 0
    ? fine('None of others is on this server.')
    : blocks(`${foreign.join(', ')} ${foreign.length === 1 ? 'is' : 'are'} there already.`, foreignMonitoring);
}

function apt(facts: ServerFacts): CheckResult {
  if (facts.apt.interrupted)
    return warns('An installation was interrupted.', 'It is brought to its end before anything is installed.', {
      id: 'dpkg',
      label: 'Finish it now',
      command: 'dpkg --configure -a',
    });
  if (facts.apt.lockedBy !== null)
    return warns(`Held by ${facts.apt.lockedBy}.`, 'The deployment waits until it is done, five minutes at most.');
  return fine('Nobody else is installing.');
}

function repositories(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult {
  if (input.spec.sources.route.kind === 'through_workstation') return throughWorkstation(server, facts, input);
  if (input.spec.sources.route.kind === 'bundle') return fine('Packages come from the bundle.');
  const missing = [...missingPackages(server, facts, input), ...missingPrograms(server, facts, input)];
  const asked = input.repositories.filter((entry) => entry.server === server.name);
  const bad = asked.filter((entry) => entry.verdict !== 'open').map((entry) => entry.host);
  if (asked.length === 0)
    return missing.length === 0
      ? fine('Nothing is left to install.')
      : warns('No package source is configured.', 'Add a repository, or let packages come through this workstation.');
  if (bad.length === 0) return fine(asked.map((entry) => entry.host).join(', '));
  const reason = 'Check the network and the name server of this server, or let packages come through this workstation.';
  if (missing.length === 0)
    return warns(`Not reachable: ${bad.join(', ')}.`, 'Nothing is left to install now; updates will need it.');
  return blocks(`Not reachable: ${bad.join(', ')}.`, reason);
}

/** Every host that a server would reach through this workstation is named here; what nobody agreed to is not reached. */
function throughWorkstation(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult {
  const { hosts } = facts.apt;
  const unagreed = unagreedHosts(hosts, input.spec.sources);
  const all = packageHosts(
    hosts.map((host) => `${host.endsWith(':443') ? 'https' : 'http'}://${host}/`),
    input.spec.sources,
  );
  const named = all.map(({ host, port }) => `${host}:${port}`).join(', ');
  if (unagreed.length === 0) return fine(`Through this workstation from ${named}.`);
  const evidence = `Its package sources name ${unagreed.join(', ')}, which this workstation does not reach for it.`;
  const reason = 'If these are package hosts of yours, name them under "Other package hosts" (sources.route.hosts).';
  return missingPackages(server, facts, input).length === 0 ? warns(evidence, reason) : blocks(evidence, reason);
}

function missingPackages(server: ServerSpec, facts: ServerFacts, input: PreflightInput): readonly string[] {
  return neededPackages(input.spec, server, input.postgresVersion).filter((name) => facts.packages[name] === undefined);
}

/** Programs that are no packages and are not there yet. */
function missingPrograms(
  server: ServerSpec,
  facts: ServerFacts,
  {
    spec: {
      sources: { etcd, patroni },
    },
  }: PreflightInput,
): readonly string[] {
  const absent = (path: string): boolean => (facts.paths[path]?.kind ?? 'absent') === 'absent';
  return [
    ...(etcd.kind === 'archive' && server.roles.includes('etcd') && absent(archiveResource(etcd).stamp)
      ? ['etcd']
      : []),
    ...(patroni.kind === 'pip' && server.roles.includes('postgres') && absent(virtualenvResource(patroni).stamp.path)
      ? ['patroni']
      : []),
  ];
}

function packages(server: ServerSpec, facts: ServerFacts, input: PreflightInput): CheckResult {
  const wanted = neededPackages(input.spec, server, input.postgresVersion);
  const missing = missingPackages(server, facts, input);
  const unknown = missing.filter((name) => (facts.candidates[name] ?? '') === '');
  const refresh = { id: 'apt-update', label: 'Refresh the package lists', command: 'apt-get update' };
  if (server.roles.includes('postgres') && input.postgresVersion === null && input.spec.sources.route.kind !== 'bundle')
    return blocks('No version of PostgreSQL is offered.', 'Refresh the package lists, or add a repository.', refresh);
  if (unknown.length === 0)
    return fine(
      missing.length === 0
        ? `${wanted.join(', ')} are installed.`
        : `${missing.map((name) => `${name} ${facts.candidates[name] ?? ''}`).join(', ')}`,
    );
  if (input.spec.sources.route.kind === 'bundle')
    return blocks(`Not in the bundle: ${unknown.join(', ')}.`, 'Collect a bundle for this spec.');
  if (facts.apt.listsAgeSeconds === null)
    return warns(
      'The package lists were never fetched.',
      'They are fetched before the installation; only then is it known what is there.',
      refresh,
    );
  if (input.added[server.name]?.some((answer) => answer.error !== null) === true)
    return warns(`Not known yet: ${unknown.join(', ')}.`, 'An added package source could not be asked.');
  return blocks(
    `Not offered: ${unknown.join(', ')}.`,
    'The sources of this server do not have them. Choose other versions, or add a repository.',
    refresh,
  );
}
