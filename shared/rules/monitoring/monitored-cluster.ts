import type { ClusterState } from '../../model/cluster/cluster-state';
import type {
  MonitoredCluster,
  MonitoredProgram,
  MonitoringChoice,
  ScrapeTarget,
} from '../../model/monitoring/monitored-cluster';
import { bracketHost, ETCD_CLIENT_PORT, hostPortOfUrl } from '../../model/connect/host-port';
import { lowestPatroniVersion } from '../cluster/patroni-version';

const REST_PORT = 8008;

/** What is collected where nothing else is chosen: what Debian's packages listen on. */
export const usualMonitoring: MonitoringChoice = {
  postgresPort: 9187,
  nodePort: 9100,
  haproxyPort: null,
  restCertificate: false,
  etcdCertificate: true,
};

function programAt(members: ClusterState['members'], port: number | null): MonitoredProgram | null {
  if (port === null) return null;
  const targets = members.flatMap(({ name, host, apiUrl }): readonly ScrapeTarget[] => {
    const found = host ?? hostPortOfUrl(apiUrl ?? '', REST_PORT)?.host ?? null;
    return found === null ? [] : [{ member: name, address: `${bracketHost(found)}:${port}` }];
  });
  return { version: null, targets, tls: false, certificate: false };
}

/** The name that all its metrics carry: a group of a Citus cluster has the scope of all others. */
export function monitoredName({ scope, citusGroup }: Pick<ClusterState, 'scope' | 'citusGroup'>): string {
  return citusGroup === undefined ? scope : `${scope}/${citusGroup}`;
}

/** A cluster as a Prometheus in its own network reaches it, from what the app sees of it. */
export function monitoredCluster(state: ClusterState, choice: MonitoringChoice): MonitoredCluster {
  const members = state.members.filter(({ condition }) => condition !== 'gone');
  const mode = state.config?.raw['synchronous_mode'];
  return {
    name: monitoredName(state),
    patroni: patroniOf(members, choice),
    etcd: etcdOf(state, choice),
    postgres: programAt(members, choice.postgresPort),
    node: programAt(members, choice.nodePort),
    haproxy: programAt(members, choice.haproxyPort),
    synchronous: mode === true || mode === 'on' || mode === 'quorum',
  };
}

function patroniOf(members: ClusterState['members'], { restCertificate }: MonitoringChoice): MonitoredProgram {
  const found = members.flatMap(({ name, apiUrl }) => {
    const place = apiUrl === null ? null : hostPortOfUrl(apiUrl, REST_PORT);
    return place === null ? [] : [{ member: name, address: `${bracketHost(place.host)}:${place.port}` }];
  });
  const tls = members.some(({ apiUrl }) => apiUrl?.startsWith('https:') === true);
  // One version that is not known may lack what the others have.
  const versions = members.map(({ patroniVersion }) => patroniVersion);
  const version = versions.includes(null) ? null : lowestPatroniVersion(versions);
  return { version, targets: found, tls, certificate: tls && restCertificate };
}

function etcdOf({ dcs, members }: ClusterState, { etcdCertificate }: MonitoringChoice): MonitoredProgram | null {
  const found = dcs.kind === 'live' || dcs.kind === 'no_quorum' ? dcs.members : [];
  const targets = found.flatMap(({ name, clientUrls }) => {
    const [url] = clientUrls;
    const place = url === undefined ? null : hostPortOfUrl(url, ETCD_CLIENT_PORT);
    if (place === null) return [];
    const member = members.find(({ host }) => host === place.host)?.name ?? name;
    return [{ member, address: `${bracketHost(place.host)}:${place.port}` }];
  });
  if (targets.length === 0) return null;
  const tls = found.some(({ clientUrls }) => clientUrls.some((url) => url.startsWith('https:')));
  return { version: null, targets, tls, certificate: tls && etcdCertificate };
}
