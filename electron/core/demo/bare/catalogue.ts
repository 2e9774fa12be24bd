/** A package of the simulated Debian: its version, what comes with it, and what it makes. */
export interface CataloguePackage {
  readonly version: string;
  /** Bytes of its archive. */
  readonly bytes: number;
  readonly needs: readonly string[];
  readonly user?: string;
  readonly unit?: string;
}

const plain = (version: string, bytes: number, needs: readonly string[] = []): CataloguePackage => ({
  version,
  bytes,
  needs,
});

/** What the package source of the simulated servers offers. */
export const catalogue: Readonly<Record<string, CataloguePackage>> = {
  'etcd-server': { ...plain('3.5.16-4', 9_412_000), user: 'etcd', unit: 'etcd.service' },
  'etcd-client': plain('3.5.16-4', 11_630_000),
  patroni: { ...plain('4.0.5-1', 366_000, ['python3-psycopg2', 'python3-yaml']), unit: 'patroni.service' },
  'python3-etcd': plain('0.4.5-7', 28_600),
  'python3-psycopg2': plain('2.9.10-1', 214_000),
  'python3-yaml': plain('6.0.2-1', 136_000),
  'python3-venv': plain('3.13.5-1', 1_200),
  haproxy: { ...plain('3.0.11-1', 2_710_000), user: 'haproxy', unit: 'haproxy.service' },
  pgbouncer: { ...plain('1.24.1-1', 244_000, ['postgresql-common']), unit: 'pgbouncer.service' },
  prometheus: { ...plain('2.53.3+ds1-2', 27_300_000), user: 'prometheus', unit: 'prometheus.service' },
  'prometheus-alertmanager': {
    ...plain('0.28.1+ds-4', 9_300_000),
    user: 'prometheus',
    unit: 'prometheus-alertmanager.service',
  },
  'prometheus-node-exporter': {
    ...plain('1.9.0-1', 4_300_000),
    user: 'prometheus',
    unit: 'prometheus-node-exporter.service',
  },
  'prometheus-postgres-exporter': {
    ...plain('0.17.1-1', 4_600_000),
    user: 'prometheus',
    unit: 'prometheus-postgres-exporter.service',
  },
  keepalived: { ...plain('1:2.3.3-1', 530_000), unit: 'keepalived.service' },
  'ca-certificates': plain('20250419', 162_000),
  curl: plain('8.14.1-2', 269_000),
  iproute2: plain('6.15.0-1', 1_103_000),
  'postgresql-common': { ...plain('278', 112_000, ['ssl-cert']), user: 'postgres', unit: 'postgresql.service' },
  'postgresql-client-17': plain('17.6-0+deb13u1', 2_040_000),
  'postgresql-17': plain('17.6-0+deb13u1', 16_700_000, ['postgresql-common', 'postgresql-client-17']),
  'ssl-cert': plain('1.1.3', 16_800),
};

/** The package source's host and port. */
export const packageHost = 'deb.debian.org:80';

/** The packages that come with these, themselves among them; the first name that the source does not have, or null. */
export function withNeeds(names: readonly string[]): {
  readonly names: readonly string[];
  readonly unknown: string | null;
} {
  const found = new Set<string>();
  const left = [...names];
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (found.has(name)) continue;
    const entry = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
    if (entry === undefined) return { names: [], unknown: name };
    found.add(name);
    left.push(...entry.needs);
  }
  return { names: [...found].sort(), unknown: null };
}
