import type { ExecOutcome } from '../ssh/exec-outcome';
import { catalogue, packageHost, withNeeds } from './catalogue';
import type { Machine } from './machine';
import { patroniOn } from './settings-of';
import { readBatch, type MachineAct, type MachineBatch } from './read-batch';
import type { BareHost } from './bare-host';
import { clusterOfManifest } from './site';
import { startUnit, stopUnit } from './units';

/** What carrying out a script works with: the servers' clusters, and where its words go while it runs. */
export interface CarryOutDeps {
  /** The server becomes part of the cluster of this scope; null: it is bare again. */
  readonly belongTo: (host: BareHost, scope: string | null, name: string) => void;
  readonly say: (text: string, stream: 'stdout' | 'stderr') => void;
  /** Lets time of the simulated servers pass, ms. */
  readonly pass: (ms: number) => Promise<void>;
  readonly now: () => number;
}

/** A step that failed, with what the server says of it. */
class StepFailure extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Carries out a script of a deployment on a simulated server; null when it is no such script. */
export function carryOutBatch(host: BareHost, script: string, deps: CarryOutDeps): Promise<ExecOutcome> | null {
  const batch = readBatch(script);
  return batch === null ? null : new Batch(host, batch, deps).run();
}

class Batch {
  readonly #host: BareHost;
  readonly #batch: MachineBatch;
  readonly #deps: CarryOutDeps;

  constructor(host: BareHost, batch: MachineBatch, deps: CarryOutDeps) {
    this.#host = host;
    this.#batch = batch;
    this.#deps = deps;
  }

  async run(): Promise<ExecOutcome> {
    for (const { id, acts } of this.#batch.steps) {
      this.#deps.say(`@@begin ${id}\n`, 'stdout');
      try {
        if (acts === null)
          throw new StepFailure(1, 'This simulated server cannot do that; it has only packages of Debian.');
        for (const act of acts) await this.#do(act);
      } catch (thrown) {
        if (!(thrown instanceof StepFailure)) throw thrown;
        this.#deps.say(`${thrown.message}\n`, 'stderr');
        this.#deps.say(`@@failed ${id} ${thrown.code}\n`, 'stdout');
        return { code: thrown.code, stdout: '', stderr: '' };
      }
      this.#deps.say(`@@done ${id}\n`, 'stdout');
    }
    return { code: 0, stdout: '', stderr: '' };
  }

  get #machine(): Machine {
    return this.#host.machine;
  }

  async #do(act: MachineAct): Promise<void> {
    switch (act.act) {
      case 'put':
        return this.#put(act);
      case 'directory':
        return this.#machine.ownDirectory(act.path, act.owner, act.group, act.mode);
      case 'install':
        return this.#install(act.packages, act.units, act.refresh);
      case 'unit_on':
        return this.#start(act.unit, act.configuration);
      case 'unit_off':
      case 'unit_stop':
        if (this.#machine.hasUnit(act.unit)) this.#machine.setUnit(act.unit, { enabled: 'disabled' });
        stopUnit(this.#host, act.unit);
        return this.#deps.pass(act.act === 'unit_stop' ? 400 : 0);
      case 'validate':
        return this.#validate();
      case 'purge':
        return this.#purge(act.packages);
      case 'watchdog':
      case 'nothing':
        return;
      default:
        return this.#takeAway(act);
    }
  }

  #put({ path, content, backup, owner, group, mode }: Extract<MachineAct, { act: 'put' }>): void {
    this.#machine.putFile(path, { content, owner, group, mode }, backup);
    const manifest = path.startsWith('/etc/matriarch/manifest-') ? clusterOfManifest(content) : null;
    if (manifest !== null) this.#deps.belongTo(this.#host, manifest.scope, manifest.server);
  }

  #takeAway(act: Extract<MachineAct, { act: 'remove_files' | 'restore' | 'remove_users' | 'forget' }>): void {
    const machine = this.#machine;
    switch (act.act) {
      case 'remove_files':
        return act.paths.forEach((path) => machine.remove(path));
      case 'restore': {
        const kept = machine.paths.get(act.backup);
        if (kept !== undefined) machine.paths.set(act.path, kept);
        return machine.remove(act.backup);
      }
      case 'remove_users':
        act.users.forEach((name) => machine.users.delete(name));
        return act.groups.forEach((name) => machine.groups.delete(name));
      case 'forget': {
        machine.remove(act.manifest);
        machine.remove(this.#batch.state);
        machine.made.delete(this.#batch.state);
        for (const key of [...machine.stamps.keys()])
          if (key.startsWith(`${this.#batch.state} `)) machine.stamps.delete(key);
        machine.removeEmptyDirectories();
        return this.#deps.belongTo(this.#host, null, machine.name);
      }
    }
  }

  async #install(names: readonly string[], units: readonly string[], refresh: boolean): Promise<void> {
    const machine = this.#machine;
    for (const unit of units) machine.setUnit(unit, { enabled: 'masked' });
    if (refresh || machine.listsFetchedAt === null) await this.#refresh();
    const { names: wanted, unknown } = withNeeds(names);
    if (unknown !== null) throw new StepFailure(100, `E: Unable to locate package ${unknown}`);
    const missing = wanted.filter((name) => !machine.packages.has(name));
    this.#say(`The following NEW packages will be installed:\n  ${missing.join(' ')}`);
    for (const [index, name] of missing.entries()) await this.#fetch(name, index);
    for (const name of missing) await this.#unpack(name);
    this.#noteMade(missing);
  }

  async #refresh(): Promise<void> {
    this.#say('Get:1 http://deb.debian.org/debian trixie InRelease [140 kB]');
    await this.#deps.pass(300);
    if (this.#machine.offline)
      throw new StepFailure(
        100,
        'Err:1 http://deb.debian.org/debian trixie InRelease\n' +
          '  Could not connect to deb.debian.org:80 (151.101.2.132), connection timed out',
      );
    this.#say('Get:2 http://deb.debian.org/debian trixie/main amd64 Packages [9669 kB]');
    await this.#deps.pass(500);
    this.#machine.listsFetchedAt = this.#deps.now();
  }

  async #fetch(name: string, index: number): Promise<void> {
    if (this.#machine.offline)
      throw new StepFailure(
        100,
        `E: Failed to fetch http://${packageHost}/debian/pool/main/${name}.deb  Could not connect to deb.debian.org:80`,
      );
    const { version = '', bytes = 0 } = catalogue[name] ?? {};
    const size = `${Math.round(bytes / 1000)} kB`;
    this.#say(`Get:${index + 1} http://deb.debian.org/debian trixie/main amd64 ${name} amd64 ${version} [${size}]`);
    await this.#deps.pass(60 + bytes / 60_000);
  }

  async #unpack(name: string): Promise<void> {
    const { version = '', user } = catalogue[name] ?? {};
    this.#say(`Setting up ${name} (${version}) ...`);
    await this.#deps.pass(120);
    this.#machine.packages.set(name, version);
    if (user === undefined) return;
    this.#machine.users.add(user);
    this.#machine.groups.add(user);
  }

  #noteMade(packages: readonly string[]): void {
    const { state } = this.#batch;
    const before = this.#machine.made.get(state) ?? { packages: [], users: [], groups: [] };
    const users = packages.flatMap((name) => catalogue[name]?.user ?? []);
    this.#machine.made.set(state, {
      packages: [...before.packages, ...packages],
      users: [...before.users, ...users],
      groups: [...before.groups, ...users],
    });
  }

  async #purge(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (!this.#machine.packages.has(name)) continue;
      this.#say(`Removing ${name} ...`);
      await this.#deps.pass(60);
      const unit = catalogue[name]?.unit;
      if (unit !== undefined) this.#machine.units.delete(unit);
      this.#machine.packages.delete(name);
    }
  }

  async #start(unit: string, configuration: readonly string[]): Promise<void> {
    const machine = this.#machine;
    if (!machine.hasUnit(unit)) throw new StepFailure(5, `Failed to start ${unit}: Unit ${unit} not found.`);
    machine.setUnit(unit, { enabled: 'enabled' });
    await this.#deps.pass(250);
    const refusal = startUnit(this.#host, unit);
    if (refusal !== null) throw new StepFailure(1, refusal);
    machine.stamp(this.#batch.state, unit, configuration);
  }

  #validate(): void {
    if (patroniOn(this.#machine) === null) throw new StepFailure(1, 'Config is empty.');
    if (!this.#machine.packages.has('patroni')) throw new StepFailure(127, 'patroni: not found');
  }

  #say(text: string): void {
    this.#deps.say(`${text}\n`, 'stdout');
  }
}
