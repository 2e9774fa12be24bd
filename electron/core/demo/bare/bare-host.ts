import { stoppedMember } from '../model/cluster';
import type { MemberState } from '../model/types';
import { Driver } from '../network/driver';
import type { DemoHost, ServiceListener } from '../network/network';
import { Machine } from './machine';
import { listenersOn } from './services-on';
import { prometheusOn } from './settings-of';
import { emptySim, type BareServer, type Site, type SiteTime } from './site';
import { startUnit, stopUnit, unitRuns } from './units';

/** How old the package lists of a bare server are at the start. */
const LISTS_AGE_MS = 2 * 3_600_000;

/** A simulated server that begins bare. What runs on it belongs to the cluster that was set up on it, if one was. */
export class BareHost implements DemoHost, BareServer {
  readonly machine: Machine;
  driver: Driver;
  member: MemberState;
  site: Site | null = null;
  readonly #time: SiteTime;

  constructor(name: string, ip: string, time: SiteTime) {
    this.machine = new Machine(name, ip);
    this.machine.listsFetchedAt = time.now() - LISTS_AGE_MS;
    this.#time = time;
    this.member = stoppedMember(name, 0, ip, time.now());
    this.driver = this.#ownDriver(name);
  }

  /** The server becomes part of a cluster, or is bare again. One that is part of it stays what it is. */
  belongTo(site: Site | null, name: string): void {
    if (site !== null && site === this.site) return;
    const { power } = this.member;
    this.site?.lose(this);
    if (this.site === null) this.driver.close();
    this.member = { ...stoppedMember(name, site?.size ?? 0, this.machine.ip, this.#time.now()), power };
    this.driver = site?.driver ?? this.#ownDriver(name);
    this.site = site;
    site?.add(this);
  }

  listeners(): readonly ServiceListener[] {
    return listenersOn(this);
  }

  scraped(): readonly string[] {
    return prometheusOn(this.machine)?.targets ?? [];
  }

  files(): Readonly<Record<string, string>> {
    const all = [...this.machine.paths].flatMap(([path, { kind, content }]) =>
      kind === 'file' ? [[path, content]] : [],
    );
    return Object.fromEntries([['/etc/hostname', `${this.machine.name}\n`], ...all]);
  }

  putFile(path: string, content: string): void {
    const { owner, group, mode } = this.machine.paths.get(path) ?? {
      owner: 'postgres',
      group: 'postgres',
      mode: 0o600,
    };
    this.machine.putFile(path, { owner, group, mode, content });
  }

  unitRuns(unit: string): boolean | null {
    return unitRuns(this, unit);
  }

  setUnit(unit: string, runs: boolean): void {
    if (runs) startUnit(this, unit);
    else stopUnit(this, unit);
  }

  #ownDriver(name: string): Driver {
    return new Driver(emptySim(name, [this.member], [], this.#time), this.#time.now);
  }
}
