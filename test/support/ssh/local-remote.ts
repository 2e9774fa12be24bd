import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Remote } from '../../../electron/core/ssh/remote';

function dial(host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

const refuse = (): never => {
  throw new Error('This server is only dialled.');
};

/** This machine in the place of a server, for what only dials: a stream leads straight to the port. Everything else fails. */
export function localRemote(): Remote {
  return {
    serverId: 'local',
    name: 'local',
    dial,
    run: refuse,
    script: refuse,
    writeFile: refuse,
    uploadFile: refuse,
    readFile: refuse,
    shell: refuse,
    listen: refuse,
    connect: refuse,
    state: refuse,
    onState: refuse,
  };
}
