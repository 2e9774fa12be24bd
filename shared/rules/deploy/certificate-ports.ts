import type { DeployPlan, Step } from '../../model/deploy/plan';
import type { ClusterSpec } from '../../model/deploy/spec/cluster-spec';
import { etcdTlsFiles } from './files/etcd';
import { patroniTlsFiles } from './files/patroni';
import { pgbouncerTlsFiles } from './files/pgbouncer';

/** A port that shows a certificate. `postgres`: TLS begins with PostgreSQL's own request for it. */
export interface CertificatePort {
  /** The step that made the certificate. */
  readonly step: string;
  readonly server: string;
  readonly label: string;
  readonly address: string;
  readonly port: number;
  readonly start: 'tls' | 'postgres';
}

type Port = Pick<CertificatePort, 'label' | 'port' | 'start'>;

/** The ports that show the certificate at this path. */
function portsOf(spec: ClusterSpec, path: string): readonly Port[] {
  switch (path) {
    case etcdTlsFiles.cert:
      return [{ label: 'etcd', port: spec.etcd.clientPort, start: 'tls' }];
    case patroniTlsFiles.cert:
      return [
        { label: 'Patroni', port: spec.patroni.restPort, start: 'tls' },
        { label: 'PostgreSQL', port: spec.postgres.port, start: 'postgres' },
      ];
    case pgbouncerTlsFiles.cert:
      return [{ label: 'PgBouncer', port: spec.pgbouncer.port, start: 'postgres' }];
    default:
      return [];
  }
}

/** Every port that shows a certificate of this plan. */
export function certificatePorts(spec: ClusterSpec, plan: DeployPlan): readonly CertificatePort[] {
  const addresses = new Map(spec.servers.map((server) => [server.name, server.address]));
  const portsOfStep = ({ id, server, resource }: Step): readonly CertificatePort[] => {
    const address = addresses.get(server ?? '');
    if (resource.kind !== 'certificate' || server === null || address === undefined) return [];
    return portsOf(spec, resource.cert).map((port) => ({ ...port, step: id, server, address }));
  };
  return plan.steps.flatMap(portsOfStep);
}
