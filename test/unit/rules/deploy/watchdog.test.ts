import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PathFacts, ServerFacts } from '../../../../shared/model/deploy/facts';
import type { DeployPlan } from '../../../../shared/model/deploy/plan';
import type { ClusterSpec } from '../../../../shared/model/deploy/spec/cluster-spec';
import { scriptWatchdog } from '../../../../electron/core/deploy/resources/scripted/watchdog';
import { checkPlan } from '../../../../shared/rules/deploy/check/check-plan';
import { planCluster } from '../../../../shared/rules/deploy/plan/plan-cluster';
import { preflight } from '../../../../shared/rules/deploy/preflight/preflight';
import { bareFacts, bareServer, silentCluster, specFixture } from '../../../support/deploy/facts';

const device = '/dev/watchdog';
const spec = (mode: ClusterSpec['patroni']['watchdog']): ClusterSpec => specFixture({ patroni: { watchdog: mode } });
const factsWith = (of: ClusterSpec, change: Partial<ServerFacts>) =>
  bareFacts(of, { servers: { ...bareFacts(of).servers, n1: bareServer('n1', '10.0.0.11', change) } });
const planOf = (of: ClusterSpec, change: Partial<ServerFacts>): DeployPlan =>
  planCluster({ spec: of, facts: factsWith(of, change), secret: () => 'x', postgresVersion: 17, token: 'run' });
const ids = (plan: DeployPlan): readonly string[] =>
  plan.steps.map((step) => step.id).filter((id) => id.startsWith('n1/watchdog'));

describe('the watchdog of a member', () => {
  it('is softdog where there is no hardware watchdog, now and at every boot, before Patroni starts', () => {
    const plan = planOf(spec('automatic'), { softdog: true });
    expect(ids(plan)).toEqual(['n1/watchdog-module', 'n1/watchdog-rule', 'n1/watchdog']);
    expect(plan.steps.find((step) => step.id === 'n1/patroni')?.dependsOn).toContain('n1/watchdog');
  });
  it('is the hardware watchdog where there is one, and no module is loaded', () => {
    expect(ids(planOf(spec('required'), { watchdogDevice: true, softdog: true }))).toEqual([
      'n1/watchdog-rule',
      'n1/watchdog',
    ]);
  });
  it('stays softdog where softdog made the device', () => {
    const manifest = {
      version: 1 as const,
      scope: 'main',
      server: 'n1',
      clusterToken: 't',
      files: [
        {
          path: '/etc/modules-load.d/matriarch-watchdog.conf',
          kind: 'file' as const,
          before: 'absent' as const,
          backup: null,
        },
      ],
      units: [],
      data: [],
    };
    expect(ids(planOf(spec('automatic'), { watchdogDevice: true, softdog: true, manifest }))).toContain(
      'n1/watchdog-module',
    );
  });
  it.each([
    ['off', { softdog: true }],
    ['automatic', {}],
    ['required', {}],
  ] as const)('needs no step with the mode %s and %j', (mode, change) => {
    expect(ids(planOf(spec(mode), change))).toEqual([]);
  });
  it("is in Patroni's file with its device and margin", () => {
    const file =
      planOf(spec('required'), { softdog: true }).steps.flatMap((step) =>
        step.id === 'n1/patroni-config' && step.resource.kind === 'file' ? [step.resource.content] : [],
      )[0] ?? '';
    expect(parse(file, { version: '1.1' })).toMatchObject({ watchdog: { mode: 'required', device, safety_margin: 5 } });
  });
  it.each<readonly [string, Partial<PathFacts> | null, string]>([
    ['that is missing', null, 'create'],
    ['owned by root', { owner: 'root' }, 'change'],
    ['owned by postgres', { owner: 'postgres' }, 'none'],
  ])('is planned with a device %s as "%s"', (_, found, action) => {
    const path: PathFacts = {
      kind: 'other',
      owner: 'root',
      group: 'root',
      mode: 0o600,
      empty: false,
      content: null,
      ...found,
    };
    const change = { softdog: true, ...(found === null ? {} : { paths: { [device]: path } }) };
    expect(
      checkPlan(planOf(spec('automatic'), change), factsWith(spec('automatic'), change)).get('n1/watchdog')?.action,
    ).toBe(action);
  });
  it.each([
    ['automatic', { watchdogDevice: true }, 'ok'],
    ['required', { softdog: true }, 'ok'],
    ['automatic', {}, 'warning'],
    ['required', {}, 'blocks'],
  ] as const)('is checked by the preflight: mode %s with %j is "%s"', (mode, change, verdict) => {
    const of = spec(mode);
    const checks = preflight({
      spec: of,
      servers: factsWith(of, change).servers,
      errors: {},
      cluster: silentCluster,
      reach: [],
      repositories: [],
      added: {},
      postgresVersion: 17,
      vip: [],
      followed: null,
    });
    expect(checks.find((check) => check.id === 'watchdog' && check.server === 'n1')?.verdict).toBe(verdict);
  });
});

describe('preparing the watchdog device', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'matriarch-watchdog-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  /** Runs the script with programs of its own in the place of modprobe and udevadm: no module of this machine is touched. */
  const run = (load: boolean, required: boolean, modprobe: string): number => {
    for (const [name, text] of [
      ['modprobe', modprobe],
      ['udevadm', 'true'],
      ['sleep', 'true'],
    ] as const)
      writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const { uid, gid } = userInfo();
    const text = scriptWatchdog({
      kind: 'watchdog',
      device: join(directory, 'watchdog'),
      owner: String(uid),
      group: String(gid),
      load,
      required,
    });
    try {
      execFileSync('sh', ['-c', `set -e\n${text}`], { env: { PATH: `${directory}:/usr/bin:/bin` }, stdio: 'pipe' });
      return 0;
    } catch {
      return 1;
    }
  };
  it('loads softdog and gives the device to postgres', () => {
    expect(run(true, true, `[ "$*" = softdog ] && : > ${join(directory, 'watchdog')}`)).toBe(0);
    expect(statSync(join(directory, 'watchdog')).mode & 0o777).toBe(0o600);
  });
  it('loads no module where the device exists', () => {
    writeFileSync(join(directory, 'watchdog'), '', { mode: 0o666 });
    expect(run(true, true, `: > ${join(directory, 'loaded')}`)).toBe(0);
    expect([existsSync(join(directory, 'loaded')), statSync(join(directory, 'watchdog')).mode & 0o777]).toEqual([
      false,
      0o600,
    ]);
  });
  it.each([
    [true, 1],
    [false, 0],
  ] as const)('fails without a device only where one is required (%s)', (required, code) => {
    expect(run(true, required, 'exit 1')).toBe(code);
  });
});
