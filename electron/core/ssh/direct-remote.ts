import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { appError, type AppError } from '../../../shared/model/app-error';
import type { SshState } from '../../../shared/model/server';
import { errnoOf } from './errors';
import type { Remote } from './remote';

/** Opens a TCP connection from this computer, with the same error codes as a dial through SSH. */
export function dialDirect(host: string, port: number, timeoutMs: number): Promise<Duplex> {
  const target = `${host}:${port}`;
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host, port });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(appError('ssh.dial_timeout', `${target} did not answer within ${Math.round(timeoutMs / 100) / 10} s.`, { target, retryable: true, hint: 'Check the address and that a firewall lets this computer through; SSH may be needed.' }));
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', (error) => { clearTimeout(timer); reject(dialError(target, error)); });
  });
}

function dialError(target: string, thrown: unknown): AppError {
  const code = errnoOf(thrown);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return appError('ssh.dial_unresolved', `${target} has no address.`, { target, retryable: true, hint: 'Check the name, or use the IP address.' });
  if (code === 'ECONNREFUSED') return appError('ssh.dial_refused', `${target} refuses connections.`, { target, retryable: true, hint: 'Check that the service runs and listens on that address.' });
  return appError('ssh.dial_timeout', `${target} cannot be reached (${code ?? 'unknown error'}).`, { target, retryable: true, hint: 'Check the network; SSH may be needed.' });
}

const WITHOUT_SSH: SshState = { kind: 'idle' };

/**
 * A server (or a whole cluster) that is reached without SSH: only `dial` works, from this computer. Commands
 * and files are refused with `ssh.no_ssh`, so that screens can say what they cannot see.
 */
export function createDirectRemote(serverId: string, name: string): Remote {
  const refuse = (): Promise<never> => Promise.reject(appError('ssh.no_ssh', `${name} is reached without SSH, so nothing can be run or read there.`, {
    target: name, hint: 'Add SSH access to this server to see its logs and files, and to run commands.',
  }));
  return {
    serverId, name, dial: dialDirect,
    run: refuse, script: refuse, writeFile: refuse, uploadFile: refuse, readFile: refuse, listen: refuse, shell: refuse,
    connect: () => Promise.resolve(),
    state: () => WITHOUT_SSH,
    onState: () => () => undefined,
  };
}
