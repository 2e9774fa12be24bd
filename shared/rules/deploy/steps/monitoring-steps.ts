import type { Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import {
  alertmanagerConfig,
  alertmanagerDefaults,
  exporterPassword,
  monitoringDropIn,
  nodeExporterDefaults,
  postgresExporterDefaults,
  prometheusConfig,
  prometheusDefaults,
  prometheusRules,
} from '../files/prometheus';
import { layoutOf } from '../layout';
import {
  collectedFrom,
  monitoredMembers,
  monitoredSpec,
  monitoringUnits,
  prometheusServer,
  prometheusTlsFiles,
} from '../monitoring';
import { authorityStep } from './certificate-steps';
import { memberEnds } from './member-steps';
import { packagesId } from './package-steps';
import type { PlanInput } from './plan-input';
import { fileStep, unitStep, type FileStepInput } from './step-builders';

/** What is said where somebody else runs the same program there. */
export const foreignMonitoring =
  'It is left as it is. Add the files under Health, Prometheus, to the Prometheus that you have, or choose another server.';

/** Prometheus and Alertmanager where the server has them, and the exporters where it is a member. */
export function monitoringSteps(input: PlanInput, server: ServerSpec): Step[] {
  return [
    ...(monitoredMembers(input.spec).some(({ name }) => name === server.name) ? exporterSteps(input, server) : []),
    ...(server.roles.includes('prometheus')
      ? [...alertmanagerSteps(input, server), ...prometheusSteps(input, server)]
      : []),
  ];
}

type Written = Pick<FileStepInput, 'name' | 'label' | 'path' | 'render'> & Partial<FileStepInput>;

/** Makes steps of files of root's that belong to one server. */
function filesOn({ secret }: PlanInput, server: ServerSpec): (file: Written) => Step {
  const usual = { server: server.name, owner: 'root', group: 'root', mode: 0o644 };
  return (file) => fileStep({ ...usual, dependsOn: [packagesId(server.name, 'services')], ...file }, secret);
}

function named(server: ServerSpec, names: readonly string[]): string[] {
  return names.map((name) => `${server.name}/${name}`);
}

function exporterSteps(input: PlanInput, server: ServerSpec): Step[] {
  const { spec } = input;
  const layout = layoutOf(spec);
  const file = filesOn(input, server);
  return [
    file({
      name: 'node-exporter-settings',
      label: 'node_exporter: where it listens',
      path: layout.nodeExporterSettings,
      ifForeign: foreignMonitoring,
      render: () => nodeExporterDefaults(spec, server),
    }),
    file({
      name: 'node-exporter-drop-in',
      label: 'node_exporter: start again whatever ended it',
      path: layout.nodeExporterDropIn,
      render: () => monitoringDropIn(),
    }),
    unitStep(
      server.name,
      'node-exporter',
      'node_exporter: start',
      named(server, ['node-exporter-settings', 'node-exporter-drop-in']),
      { unit: monitoringUnits.node, configuration: [layout.nodeExporterSettings], onChange: 'restart' },
    ),
    file({
      name: 'postgres-exporter-settings',
      label: 'postgres_exporter: where it listens, and its role',
      path: layout.postgresExporterSettings,
      // As the package sets it at every upgrade.
      owner: 'prometheus',
      group: 'prometheus',
      mode: 0o640,
      ifForeign: foreignMonitoring,
      render: () => postgresExporterDefaults(spec, server),
    }),
    file({
      name: 'postgres-exporter-password',
      label: 'postgres_exporter: the password of its role',
      path: layout.postgresExporterPassword,
      group: 'prometheus',
      mode: 0o640,
      render: exporterPassword,
    }),
    file({
      name: 'postgres-exporter-drop-in',
      label: 'postgres_exporter: start again whatever ended it',
      path: layout.postgresExporterDropIn,
      render: () => monitoringDropIn(),
    }),
    unitStep(
      server.name,
      'postgres-exporter',
      'postgres_exporter: start',
      named(server, ['postgres-exporter-settings', 'postgres-exporter-password', 'postgres-exporter-drop-in']),
      {
        unit: monitoringUnits.postgres,
        configuration: [layout.postgresExporterSettings, layout.postgresExporterPassword],
        onChange: 'restart',
      },
    ),
  ];
}

function alertmanagerSteps(input: PlanInput, server: ServerSpec): Step[] {
  const { spec } = input;
  const layout = layoutOf(spec);
  const file = filesOn(input, server);
  return [
    file({
      name: 'alertmanager-config',
      label: 'Alertmanager: whom it tells (nobody yet; the file is yours)',
      path: layout.alertmanagerConfig,
      checkedBy: 'amtool check-config',
      onlyFirst: true,
      render: () => alertmanagerConfig(spec),
    }),
    file({
      name: 'alertmanager-settings',
      label: 'Alertmanager: listen on this server alone',
      path: layout.alertmanagerSettings,
      ifForeign: foreignMonitoring,
      render: () => alertmanagerDefaults(spec),
    }),
    file({
      name: 'alertmanager-drop-in',
      label: 'Alertmanager: start again whatever ended it',
      path: layout.alertmanagerDropIn,
      render: () => monitoringDropIn(),
    }),
    unitStep(
      server.name,
      'alertmanager',
      'Alertmanager: start',
      named(server, ['alertmanager-config', 'alertmanager-settings', 'alertmanager-drop-in']),
      { unit: monitoringUnits.alertmanager, configuration: [layout.alertmanagerSettings], onChange: 'restart' },
    ),
  ];
}

/** The rules stand before the configuration: promtool reads both when it judges the configuration. */
function prometheusSteps(input: PlanInput, server: ServerSpec): Step[] {
  const { spec } = input;
  const layout = layoutOf(spec);
  const file = filesOn(input, server);
  const cluster = monitoredSpec(spec, input.facts);
  const installed = packagesId(server.name, 'services');
  return [
    ...authorityStep(input, server, 'prometheus', prometheusTlsFiles.ca, installed),
    file({
      name: 'prometheus-rules',
      label: 'Prometheus: alert rules',
      path: layout.prometheusRules,
      checkedBy: 'promtool check rules',
      render: () => prometheusRules(cluster),
    }),
    file({
      name: 'prometheus-config',
      label: 'Prometheus: what it collects',
      path: layout.prometheusConfig,
      checkedBy: 'promtool check config',
      ifForeign: foreignMonitoring,
      dependsOn: [installed, ...named(server, ['prometheus-rules', 'prometheus-authority'])],
      render: () => prometheusConfig(spec, cluster),
    }),
    file({
      name: 'prometheus-settings',
      label: 'Prometheus: listen on this server alone, and for how long figures are kept',
      path: layout.prometheusSettings,
      ifForeign: foreignMonitoring,
      render: () => prometheusDefaults(spec),
    }),
    file({
      name: 'prometheus-drop-in',
      label: 'Prometheus: start again whatever ended it',
      path: layout.prometheusDropIn,
      render: () => monitoringDropIn(),
    }),
    unitStep(
      server.name,
      'prometheus',
      'Prometheus: start',
      named(server, ['prometheus-config', 'prometheus-settings', 'prometheus-drop-in', 'alertmanager']),
      {
        unit: monitoringUnits.prometheus,
        configuration: [
          layout.prometheusConfig,
          layout.prometheusRules,
          layout.prometheusSettings,
          ...(spec.tls === 'on' ? [prometheusTlsFiles.ca] : []),
        ],
        onChange: 'restart',
      },
    ),
  ];
}

/** The step after which Prometheus has heard from everybody. */
export function targetsStep(input: PlanInput): Step[] {
  const { spec } = input;
  const server = prometheusServer(spec);
  if (server === undefined || spec.adopted.includes(server.name)) return [];
  const members = monitoredMembers(spec);
  return [
    {
      id: 'cluster/targets',
      server: server.name,
      label: 'Prometheus: wait until every target is collected from',
      dependsOn: [
        ...named(server, ['prometheus']),
        ...members.flatMap((member) => named(member, ['node-exporter', 'postgres-exporter'])),
        ...memberEnds(input),
        'cluster/sql',
      ],
      resource: {
        kind: 'targets',
        prometheus: { server: server.name, address: '127.0.0.1', port: spec.prometheus.port },
        targets: Object.values(collectedFrom(spec)).flat(),
      },
    },
  ];
}
