/** Settings beside the distribution's unit of etcd: it comes back by itself, whatever ended it. */
export function etcdDropIn(): string {
  return unitText({ Service: { Restart: 'always', RestartSec: '2' } });
}

/**
 * Settings beside the distribution's unit of Patroni. It comes back by itself, and PostgreSQL gets the time
 * to stop cleanly: Patroni's unit allows 30 s, after which PostgreSQL would be killed.
 */
export function patroniDropIn(withEtcd: boolean): string {
  return unitText({
    ...(withEtcd ? { Unit: { After: 'etcd.service', Wants: 'etcd.service' } } : {}),
    Service: { Restart: 'always', RestartSec: '2', TimeoutStopSec: '120', OOMScoreAdjust: '-100' },
  });
}

/** Settings beside the distribution's unit of PgBouncer. */
export function pgbouncerDropIn(): string {
  return unitText({ Service: { Restart: 'always', RestartSec: '2', LimitNOFILE: '65536' } });
}

/**
 * The text of a drop-in of systemd. Several values of one setting stand one after another; an empty one forgets those
 * of the unit itself.
 */
export function unitText(
  sections: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>,
): string {
  const blocks = Object.entries(sections).map(([name, settings]) =>
    [
      `[${name}]`,
      ...Object.entries(settings).flatMap(([key, value]) => [value].flat().map((one) => `${key}=${one}`)),
    ].join('\n'),
  );
  return `# Written by Matriarch.\n${blocks.join('\n\n')}\n`;
}

/** Keeps the PostgreSQL package from making and starting a cluster "main" of its own: Patroni makes the cluster. */
export function createClusterConf(): string {
  return '# Written by Matriarch: Patroni makes the cluster, not the package.\ncreate_main_cluster = false\n';
}
