import type { DemoHost, DemoNetwork } from '../network/network';
import type { ExecHandler } from '../ssh/handle-exec';
import { BareHost } from './bare-host';
import { execOnMachine } from './machine-exec';
import { Site, type SiteTime } from './site';

/** The servers of a demo on which nothing is set up at its start, and the clusters that are set up on them. */
export class BareServers {
  readonly hosts: readonly BareHost[];
  readonly #sites = new Map<string, Site>();
  readonly #time: SiteTime;

  constructor(count: number, time: SiteTime) {
    this.#time = time;
    this.hosts = Array.from(
      { length: count },
      (_, index) => new BareHost(`bare-${index + 1}`, `10.98.1.${index + 11}`, time),
    );
  }

  isBare(host: DemoHost): host is BareHost {
    return host instanceof BareHost;
  }

  /** Answers what a deployment asks of a bare server, and leaves everything else to the handler of all servers. */
  handler(network: DemoNetwork, otherwise: ExecHandler): ExecHandler {
    return async (host, call, write) => {
      const deps = {
        network: () => network,
        now: this.#time.now,
        timeScale: this.#time.timeScale,
        belongTo: (bare: BareHost, scope: string | null, name: string) => this.#belongTo(bare, scope, name),
      };
      const answered = host instanceof BareHost ? await execOnMachine(host, call, write, deps) : null;
      return answered ?? otherwise(host, call, write);
    };
  }

  close(): void {
    for (const host of this.hosts) host.driver.close();
  }

  #belongTo(host: BareHost, scope: string | null, name: string): void {
    const before = host.site;
    host.belongTo(scope === null ? null : this.#siteOf(scope), name);
    if (before !== null && before !== host.site && before.size === 0) this.#sites.delete(before.scope);
  }

  #siteOf(scope: string): Site {
    const known = this.#sites.get(scope);
    if (known !== undefined) return known;
    const made = new Site(scope, this.#time);
    this.#sites.set(scope, made);
    return made;
  }
}
