import type { Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import {
  aliveScript,
  keepalivedConfig,
  keepalivedDropIn,
  vipManagerConfig,
  vipManagerDropIn,
  type VipInput,
} from '../files/vip';
import { patroniTlsFiles } from '../files/patroni';
import { layoutOf } from '../layout';
import { carriers, vipInterface, vipUnits } from '../vip';
import { lastRestartOfEtcd } from './etcd-steps';
import type { PlanInput } from './plan-input';
import { leaderId } from './member-steps';
import { packagesId } from './package-steps';
import { fileStep, unitStep } from './step-builders';

/** The step after which a server may hold the virtual address. */
export function vipId(server: string): string {
  return `${server}/vip`;
}

/** The virtual address on one server: what holds it there, and away with what held it before and shall no longer. */
export function vipSteps(input: PlanInput, server: ServerSpec): Step[] {
  const { spec, facts } = input;
  const { vip } = spec;
  const carries = vip !== undefined && carriers(spec).some((other) => other.name === server.name);
  const stale = unwanted(input, server, carries ? vip.manager : null);
  if (!carries) return stale;
  const networkInterface = vipInterface(vip, server, facts.servers[server.name]) ?? '';
  const own: VipInput = { spec, vip, server, networkInterface, aliveScript: layoutOf(spec).keepalivedScript };
  return [...stale, ...(vip.manager === 'keepalived' ? keepalivedSteps(input, own) : vipManagerSteps(input, own))];
}

/** Units of earlier runs that hold an address which is no longer wanted here. */
function unwanted(input: PlanInput, server: ServerSpec, wanted: keyof typeof vipUnits | null): Step[] {
  const made = input.facts.servers[server.name]?.manifest?.units.map((entry) => entry.unit) ?? [];
  return (['keepalived', 'vip-manager'] as const)
    .filter((manager) => manager !== wanted && made.includes(vipUnits[manager]))
    .map((manager) => ({
      id: `${server.name}/${manager}-off`,
      server: server.name,
      label: `Virtual address: ${manager} gives it up`,
      dependsOn: [`${server.name}/manifest`],
      resource: {
        kind: 'unit',
        unit: vipUnits[manager],
        wanted: 'off',
        configuration: [],
        onChange: 'restart',
        noBlock: false,
        alsoReload: null,
      },
    }));
}

function keepalivedSteps(input: PlanInput, own: VipInput): Step[] {
  const { spec, vip, server } = own;
  const { keepalivedConfig: path, keepalivedScript: script, keepalivedDropIn: dropIn } = layoutOf(spec);
  const root = rooted(server);
  return [
    fileStep(
      {
        ...root,
        name: 'vip-config',
        label: "Virtual address: keepalived's configuration",
        path,
        render: () => keepalivedConfig(own),
      },
      input.secret,
    ),
    fileStep(
      {
        ...root,
        name: 'vip-alive',
        label: 'Virtual address: what keepalived asks',
        path: script,
        mode: 0o755,
        render: () => aliveScript(spec, vip, server),
      },
      input.secret,
    ),
    fileStep(
      {
        ...root,
        name: 'vip-drop-in',
        label: 'Virtual address: never left behind',
        path: dropIn,
        render: () => keepalivedDropIn(own),
      },
      input.secret,
    ),
    unitStep(
      server.name,
      'vip',
      'Virtual address: start keepalived',
      [...files(server), ...follows(own), `${server.name}/vip-manager-off`],
      { unit: vipUnits.keepalived, configuration: [path], onChange: 'reload' },
    ),
  ];
}

/** vip-manager asks etcd first when it starts, and holds no address until it is told: it must not start while members of etcd do. */
function vipManagerSteps(input: PlanInput, own: VipInput): Step[] {
  const { spec, server } = own;
  const { vipManagerConfig: path, vipManagerDropIn: dropIn } = layoutOf(spec);
  const root = rooted(server);
  return [
    fileStep(
      {
        ...root,
        name: 'vip-config',
        label: "Virtual address: vip-manager's configuration",
        path,
        mode: 0o600,
        render: () => vipManagerConfig(own),
      },
      input.secret,
    ),
    fileStep(
      {
        ...root,
        name: 'vip-drop-in',
        label: 'Virtual address: never left behind',
        path: dropIn,
        render: () => vipManagerDropIn(own, path),
      },
      input.secret,
    ),
    unitStep(
      server.name,
      'vip',
      'Virtual address: start vip-manager',
      [
        ...files(server),
        ...follows(own),
        ...lastRestartOfEtcd(input),
        `${server.name}/patroni-certificate`,
        `${server.name}/keepalived-off`,
      ],
      {
        unit: vipUnits['vip-manager'],
        configuration: [path, ...(spec.tls === 'on' ? [patroniTlsFiles.cert] : [])],
        onChange: 'restart',
      },
    ),
  ];
}

function rooted(server: ServerSpec): {
  readonly server: string;
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  readonly dependsOn: readonly string[];
} {
  return {
    server: server.name,
    owner: 'root',
    group: 'root',
    mode: 0o644,
    dependsOn: [packagesId(server.name, 'services')],
  };
}

function files(server: ServerSpec): string[] {
  return ['vip-config', 'vip-alive', 'vip-drop-in'].map((name) => `${server.name}/${name}`);
}

/** What must run on the server before the address comes to it. */
function follows({ vip, server }: VipInput): string[] {
  return vip.follows === 'haproxy' ? [`${server.name}/haproxy`] : [leaderId, `${server.name}/patroni`];
}
