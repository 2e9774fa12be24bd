import { createCore, type Core } from '../core/app/create-core';
import { startDemoFleet } from '../core/app/demo-fleet';
import type { Host } from '../core/platform/host';
import type { HeadlessArguments } from './arguments';
import { headlessHost } from './host';
import { serveHeadless, type HeadlessServer } from './server';

/** Where the headless app runs. */
export interface HeadlessPlace {
  readonly dataDirectory: string;
  readonly homeDirectory: string;
  readonly pageRoot: string;
  readonly version: string;
  readonly user: string;
  readonly agentSocket: string | undefined;
  /** Asks the user at the terminal what the page must not decide; resolves to false where there is none. */
  readonly ask: Host['confirm'];
}

/** The running headless app. */
export interface HeadlessApp {
  readonly core: Core;
  readonly server: HeadlessServer;
  close(): Promise<void>;
}

/** Starts core and server; with `demo` a small simulated fleet, too. */
export async function runHeadless(
  options: Pick<HeadlessArguments, 'port' | 'bind' | 'demo' | 'files'>,
  place: HeadlessPlace,
): Promise<HeadlessApp> {
  const core = await createCore({
    ...place,
    host: headlessHost({ files: options.files, ask: place.ask }),
    now: Date.now,
  });
  try {
    const server = await serveHeadless({
      router: core.router,
      pageRoot: place.pageRoot,
      port: options.port,
      bind: options.bind,
    });
    if (options.demo) await startDemoFleet(core.services.demo);
    return {
      core,
      server,
      close: async () => {
        await server.close();
        await core.close();
      },
    };
  } catch (thrown) {
    await core.close();
    throw thrown;
  }
}
