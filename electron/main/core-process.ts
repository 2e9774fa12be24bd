import type { MessageEvent, MessagePortMain, ParentPort } from 'electron';
import { RPCHandler } from '@orpc/server/message-port';
import { AppError, toErrorData } from '../../shared/model/app-error';
import { createCore, type Core } from '../core/app/create-core';
import type { Host } from '../core/platform/host';
import { startDemoFleet } from '../core/app/demo-fleet';
import type { CoreStart, ToCore, ToMain } from './messages';
import { remoteConsent, type RemoteConsent } from './remote-consent';
import { remoteKeychain, type RemoteKeychain } from './remote-keychain';

/** The core's own process (utilityProcess): builds the core, hands it to `onStarted`, and serves it to every window's port. */
export async function runCoreProcess(
  parent: ParentPort,
  onStarted: (core: Core) => void = () => undefined,
): Promise<void> {
  const send = (message: ToMain): void => {
    parent.postMessage(message);
  };
  const keychain = remoteKeychain(send);
  const consent = remoteConsent(send);
  const waiting: MessagePortMain[] = [];
  let core: Core | null = null;
  parent.on('message', (event: MessageEvent) => {
    const message = event.data as ToCore;
    const port = event.ports[0];
    switch (message.kind) {
      case 'start':
        void start(message.options, { keychain, consent }, send).then(
          (made) => {
            core = made;
            onStarted(made);
            waiting.splice(0).forEach((one) => {
              serve(made, one);
            });
          },
          refuse(message.options.dataDirectory, send),
        );
        return;
      case 'window':
        if (port !== undefined) {
          if (core === null) waiting.push(port);
          else serve(core, port);
        }
        return;
      case 'close':
        void (core?.close() ?? Promise.resolve()).finally(() => {
          send({ kind: 'closed' });
        });
        return;
      case 'answered':
        consent.answer(message);
        return;
      default:
        keychain.answer(message);
    }
  });
}

/** What main does for the core. */
interface Remote {
  readonly keychain: RemoteKeychain;
  readonly consent: RemoteConsent;
}

async function start(
  options: CoreStart,
  { keychain, consent }: Remote,
  send: (message: ToMain) => void,
): Promise<Core> {
  const host: Host = {
    shell: 'electron',
    keychain: options.keychain === null ? null : keychain.withBackend(options.keychain),
    notify: (title, body, clusterId) => {
      send({ kind: 'notify', title, body, clusterId });
    },
    openExternal: async (url) => {
      send({ kind: 'open-external', url });
    },
    confirm: consent.confirm,
  };
  const core = await createCore({ ...options, host, agentSocket: process.env['SSH_AUTH_SOCK'], now: Date.now });
  if (options.demo) await startDemoFleet(core.services.demo);
  send({ kind: 'ready' });
  return core;
}

function serve(core: Core, port: MessagePortMain): void {
  new RPCHandler(core.router).upgrade(port, { context: {} });
  port.start();
}

/** An error of the system is in its own words: the sentence says what could not be done with which directory. */
function refuse(directory: string, send: (message: ToMain) => void) {
  return (thrown: unknown): void => {
    const { message, hint } = toErrorData(thrown);
    send({
      kind: 'refused',
      message:
        thrown instanceof AppError
          ? [message, hint].filter((text) => text !== undefined).join(' ')
          : `The core could not start with the data directory ${directory}: ${message}.`,
    });
  };
}
