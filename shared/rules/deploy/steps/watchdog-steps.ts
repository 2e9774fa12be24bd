import type { Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { watchdogDevice, watchdogModule, watchdogRule } from '../files/watchdog';
import { layoutOf } from '../layout';
import type { PlanInput } from './plan-input';
import { packagesId } from './package-steps';
import { fileStep } from './step-builders';

/** The step after which Patroni can open the watchdog. */
export function watchdogId(server: string): string {
  return `${server}/watchdog`;
}

/**
 * The watchdog of one member: the machine's own device, or softdog where there is none and the kernel has it. Where neither
 * can be had nothing is done: the preflight says so, and Patroni itself decides by the mode.
 */
export function watchdogSteps(input: PlanInput, server: ServerSpec): Step[] {
  const { spec } = input;
  const facts = input.facts.servers[server.name];
  const { watchdog: mode } = spec.patroni;
  if (mode === 'off' || facts === undefined) return [];
  const { watchdogModule: module, watchdogRule: rule } = layoutOf(spec);
  const ours = facts.manifest?.files.some((file) => file.path === module) ?? false;
  const load = ours || (!facts.watchdogDevice && facts.softdog);
  if (!load && !facts.watchdogDevice) return [];
  const file = {
    server: server.name,
    owner: 'root',
    group: 'root',
    mode: 0o644,
    dependsOn: [packagesId(server.name, 'services')],
  };
  return [
    ...(load
      ? [
          fileStep(
            {
              ...file,
              name: 'watchdog-module',
              label: 'Watchdog: load softdog at every boot',
              path: module,
              render: () => watchdogModule(),
            },
            input.secret,
          ),
        ]
      : []),
    fileStep(
      {
        ...file,
        name: 'watchdog-rule',
        label: "Watchdog: the device is PostgreSQL's",
        path: rule,
        render: () => watchdogRule(),
      },
      input.secret,
    ),
    {
      id: watchdogId(server.name),
      server: server.name,
      label: 'Watchdog: make the device ready',
      dependsOn: [`${server.name}/watchdog-module`, `${server.name}/watchdog-rule`],
      resource: {
        kind: 'watchdog',
        device: watchdogDevice,
        owner: 'postgres',
        group: 'postgres',
        load,
        required: mode === 'required',
      },
    },
  ];
}
