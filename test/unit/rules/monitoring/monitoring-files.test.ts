import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { grafanaDashboard } from '../../../../shared/rules/monitoring/grafana-dashboard';
import { metricNames, metricsIn } from '../../../../shared/rules/monitoring/metric-names';
import { fileNameOf, monitoringFiles } from '../../../../shared/rules/monitoring/monitoring-files';
import { alertsFor, prometheusAlerts, promqlText } from '../../../../shared/rules/monitoring/prometheus-alerts';
import { monitoredFixture, programFixture } from '../../../support/monitoring/monitored-fixture';

const textOf = (title: string, cluster = monitoredFixture()): string =>
  monitoringFiles(cluster).files.find((file) => file.title === title)?.text ?? '';

const VERSIONS = ['2.1.7', '3.0.2', '3.3.8', '4.0.7', '4.1.4'] as const;

describe('the alerts for Prometheus', () => {
  it.each(VERSIONS)('name no metric that Patroni %s does not have', (version) => {
    const { alerts } = alertsFor(monitoredFixture({ patroni: programFixture(8008, { version }) }));
    for (const { expression } of alerts)
      for (const name of metricsIn(expression)) {
        const metric: { readonly program: string; readonly since?: string } | undefined = Object.entries(
          metricNames,
        ).find(([one]) => one === name)?.[1];
        expect(metric, name).toBeDefined();
        const since = (metric?.since ?? '0').split('.').map(Number);
        const have = version.split('.').map(Number);
        const isOlder = have.reduce((order, part, index) => (order === 0 ? part - (since[index] ?? 0) : order), 0) < 0;
        expect(isOlder, `${name} on ${version}`).toBe(false);
      }
  });

  it('name every metric that they need and no other', () => {
    for (const { alert, expression } of alertsFor(monitoredFixture()).alerts) {
      const named = new Set(metricsIn(expression));
      for (const need of alert.needs) expect(named, alert.name).toContain(need);
    }
  });

  it('are left out with the reason where their metric or their program is not there', () => {
    const { alerts, leftOut } = alertsFor(
      monitoredFixture({ patroni: programFixture(8008, { version: '3.0.2' }), node: null }),
    );
    expect(leftOut).toContainEqual({
      name: 'PatroniReplicaNotStreaming',
      why: 'Patroni 3.0.2 does not have patroni_postgres_streaming, which is there from 3.0.4 on.',
    });
    expect(leftOut).toContainEqual({ name: 'NodeDiskFilling', why: 'Metrics of node_exporter are not collected.' });
    expect(alerts.map(({ alert }) => alert.name)).toContain('PatroniTimelineBehind');
    expect(alerts.length + leftOut.length).toBe(prometheusAlerts.length);
  });

  it('tell nothing by a version that is not known', () => {
    const { leftOut } = alertsFor(monitoredFixture({ patroni: programFixture(8008) }));
    expect(leftOut.find(({ name }) => name === 'PatroniNoPrimary')?.why).toMatch(/version of Patroni is not known/);
  });

  it('each have a severity, words, and what to do, without a name from a server in a template', () => {
    const name = '{{ evil }} "x" \\ $labels';
    const { groups } = parse(textOf('Alert rules', monitoredFixture({ name })));
    for (const { alert, expr, labels, annotations } of groups[0].rules) {
      expect(labels.severity, alert).toMatch(/^(critical|warning|info)$/);
      expect(annotations.summary).not.toContain('evil');
      expect(annotations.description).toMatch(/\.$/);
      expect(annotations.description).not.toContain('evil');
      expect(expr).toContain('cluster="{{ evil }} \\"x\\" \\\\ $labels"');
    }
  });

  it('have names of their own', () => {
    const names = prometheusAlerts.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
  });
});

describe('the scrape configuration', () => {
  it('collects each program from every member, with the labels that the alerts go by', () => {
    const { scrape_configs: jobs, rule_files: rules } = parse(textOf('Scrape configuration'));
    expect(jobs.map((job: { job_name: string }) => job.job_name)).toEqual(
      ['patroni', 'etcd', 'postgres', 'node', 'haproxy'].map((program) => `orders ${program}`),
    );
    expect(jobs[0].static_configs[0]).toEqual({
      targets: ['10.0.0.1:8008'],
      labels: { cluster: 'orders', service: 'patroni', member: 'db1' },
    });
    expect(rules).toEqual(['/etc/prometheus/rules/orders.yml']);
  });

  it('speaks TLS where the cluster does, by files that it names and lists', () => {
    const cluster = monitoredFixture({
      patroni: programFixture(8008, { version: '4.1.4', tls: true }),
      etcd: programFixture(2379, { tls: true, certificate: true }),
    });
    const [patroni, etcd] = parse(textOf('Scrape configuration', cluster)).scrape_configs;
    expect(patroni).toMatchObject({
      scheme: 'https',
      tls_config: { ca_file: '/etc/prometheus/tls/orders-patroni-ca.pem' },
    });
    expect(patroni.tls_config.cert_file).toBeUndefined();
    expect(etcd.tls_config).toEqual({
      ca_file: '/etc/prometheus/tls/orders-etcd-ca.pem',
      cert_file: '/etc/prometheus/tls/orders-etcd-client.pem',
      key_file: '/etc/prometheus/tls/orders-etcd-client.key',
    });
    const needed = monitoringFiles(cluster).needs.map(({ where }) => where);
    for (const { tls_config: files } of [patroni, etcd])
      for (const file of Object.values(files)) expect(needed).toContain(file);
  });

  it('keeps hostile names of members and clusters as they are, and out of paths', () => {
    const name = `../../etc/passwd: "x"\n- job_name: evil`;
    const target = { member: "db'1: {a}\n", address: '10.0.0.1:8008' };
    const cluster = monitoredFixture({
      name,
      patroni: programFixture(8008, { version: '4.1.4', targets: [target], tls: true }),
    });
    const { scrape_configs: jobs, rule_files: rules } = parse(textOf('Scrape configuration', cluster));
    expect(jobs).toHaveLength(5);
    expect(jobs[0].static_configs[0].labels).toEqual({ cluster: name, service: 'patroni', member: target.member });
    expect(rules[0]).toMatch(/^\/etc\/prometheus\/rules\/[A-Za-z0-9_-]+\.yml$/);
    expect(jobs[0].tls_config.ca_file).toMatch(/^\/etc\/prometheus\/tls\/[A-Za-z0-9_-]+-patroni-ca\.pem$/);
  });
});

describe('the dashboard', () => {
  it('is JSON with a panel for each expression, and names only metrics that are there', () => {
    const dashboard = JSON.parse(textOf('Grafana dashboard'));
    const expressions = dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
      panel.targets.map(({ expr }) => expr),
    );
    expect(expressions).toEqual(grafanaDashboard(monitoredFixture(), 'orders').expressions);
    for (const expression of expressions)
      for (const name of metricsIn(expression)) expect(Object.keys(metricNames)).toContain(name);
    expect(new Set(dashboard.panels.map(({ id }: { id: number }) => id)).size).toBe(dashboard.panels.length);
  });

  it('leaves out the panels of programs that are not collected', () => {
    const { leftOut } = grafanaDashboard(monitoredFixture({ haproxy: null, postgres: null }), 'orders');
    expect(leftOut.map(({ name }) => name)).toEqual([
      'Panel: Connections',
      'Panel: Transactions',
      'Panel: WAL that slots retain',
      'Panel: HAProxy: connections',
    ]);
  });
});

it('uses every metric that it knows in an alert or a panel', () => {
  const cluster = monitoredFixture();
  const all = [
    ...alertsFor(cluster).alerts.map(({ expression }) => expression),
    ...prometheusAlerts.map((alert) => alert.expression('cluster="x"', cluster)),
    ...grafanaDashboard(cluster, 'orders').expressions,
  ];
  expect([...new Set(all.flatMap(metricsIn))].toSorted()).toEqual(Object.keys(metricNames).toSorted());
});

it('gives clusters whose names differ only in odd characters files of their own', () => {
  expect(fileNameOf('orders')).toBe('orders');
  expect(new Set(['a/b', 'a b', 'a_b', 'a"b'].map(fileNameOf)).size).toBe(4);
});

it('writes texts as PromQL reads them', () => {
  expect(promqlText('a"b\\c\n\u2028')).toBe('"a\\"b\\\\c\\n\\u2028"');
});
