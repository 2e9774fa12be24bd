import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { Contract } from '../../../shared/contract/index';
import { ENTRANCE, RPC_PATH } from '../../../shared/model/app/transport';
import type { Host } from '../../../electron/core/platform/host';
import { runHeadless, type HeadlessApp } from '../../../electron/headless/run';
import { builtPage } from '../browser/built-page';
import { tempDirectory } from '../temp';

/** The contract as a page calls it. */
export type TestClient = ContractRouterClient<Contract>;

/** A running headless app with a data directory of its own. */
export interface TestApp {
  readonly app: HeadlessApp;
  readonly dataDirectory: string;
  /** The page's origin, e.g. `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** A link that lets one browser context in, once. */
  newUrl(): string;
  /** Opens the page in a fresh browser context. What the page logs as an error is collected in `problems`. */
  openPage(browser: Browser, options?: BrowserContextOptions): Promise<TestPage>;
  /** Calls the core as a page would, without one. */
  connect(): Promise<TestConnection>;
  close(): Promise<void>;
}

/** An open page with what it complained about: exceptions, console errors, breaches of the CSP. */
export interface TestPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly problems: readonly string[];
}

/** A client of the core over the WebSocket. */
export interface TestConnection {
  readonly client: TestClient;
  close(): void;
}

/** How the app is started. */
export interface TestAppOptions {
  /** Starts the demo, as --demo does. */
  readonly demo?: boolean;
  /** Kept after `close` when given, so that a second start finds it. */
  readonly dataDirectory?: string;
  /** The home directory, with ~/.ssh; an empty one of its own otherwise. */
  readonly homeDirectory?: string;
  /** Directories whose files the page may name. */
  readonly files?: readonly string[];
  /** The user at the terminal; one who agrees to everything otherwise. */
  readonly ask?: Host['confirm'];
  /** false: no page is built, for tests that need the core alone. */
  readonly page?: boolean;
}

/** Starts the app from its source on a free port; the page is built when it is older than its source. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const temp = await tempDirectory();
  const pageRoot = options.page === false ? temp.path : await builtPage();
  const dataDirectory = options.dataDirectory ?? `${temp.path}/data`;
  const app = await runHeadless(
    { port: 0, bind: '127.0.0.1', demo: options.demo ?? false, files: options.files ?? [] },
    {
      dataDirectory,
      homeDirectory: options.homeDirectory ?? temp.path,
      pageRoot,
      version: 'test',
      user: 'tester',
      agentSocket: undefined,
      ask: options.ask ?? (() => Promise.resolve(true)),
    },
  );
  const origin = `http://127.0.0.1:${app.server.port}`;
  return {
    app,
    dataDirectory,
    origin,
    newUrl: () => app.server.newUrl(),
    openPage: (browser, contextOptions) => openPage(browser, app.server.newUrl(), contextOptions),
    connect: () => connectToCore(app.server.newUrl()),
    close: async () => {
      await app.close();
      await temp.remove();
    },
  };
}

/**
 * What the browser says when it gives up a load because the machine's network changed, as it does while the lab's servers
 * start. The page fetches its parts ahead of need and again at need, so a part that stays away fails the test that uses it.
 */
const NETWORK_CHANGED = 'net::ERR_NETWORK_CHANGED';

async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<TestPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => {
    problems.push(error.message);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes(NETWORK_CHANGED)) problems.push(message.text());
  });
  await page.goto(url);
  return { page, context, problems };
}

/** Calls a core as a page would; `url` lets one in, once. */
export async function connectToCore(url: string): Promise<TestConnection> {
  const { origin, hash } = new URL(url);
  const token = hash.replace('#token=', '');
  const entered = await fetch(`${origin}${ENTRANCE.path}`, {
    method: 'POST',
    headers: { origin, [ENTRANCE.tokenHeader]: token },
  });
  const protocols = [ENTRANCE.protocol, `${ENTRANCE.keyProtocol}${await entered.text()}`];
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${RPC_PATH}`, protocols, { headers: { origin } });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => {
      resolve();
    });
    socket.once('error', reject);
  });
  const client: TestClient = createORPCClient(new RPCLink({ port: portOver(socket) }));
  return {
    client,
    close: () => {
      socket.close();
    },
  };
}

/** The socket as a port: both carry the same messages, and Node has no WebSocket of the page's kind. */
function portOver(socket: WebSocket) {
  return {
    onMessage: {
      addListener: (listener: (data: unknown) => void) => {
        socket.on('message', (data, binary) => {
          listener(binary ? data : data.toString());
        });
      },
    },
    onDisconnect: {
      addListener: (listener: () => void) => {
        socket.on('close', () => {
          listener();
        });
      },
    },
    postMessage: (data: string | Uint8Array) => {
      socket.send(data);
    },
  };
}

/** The repository's root. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url));
