import { afterEach, describe, expect, it } from 'vitest';
import { hasCode } from '../../../../shared/model/app-error';
import { connectCore, type Channel, type CoreConnection, type CoreClient } from '../../../../renderer/rpc/core';
import { doubleClient } from '../../../support/page-double/client';
import { eventually } from '../../../support/eventually';

interface Line {
  readonly channel: Channel;
  readonly cut: () => void;
}

function lineTo(client: CoreClient): Line {
  let cut: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    cut = resolve;
  });
  return { channel: { client, closed }, cut };
}

const cores: CoreConnection[] = [];
const started = (dial: () => Promise<Channel>): CoreConnection => {
  const core = connectCore({ dial, now: Date.now });
  cores.push(core);
  return core;
};
afterEach(() => {
  cores.splice(0).forEach((core) => core.close());
});

describe('the connection to the core', () => {
  it('a stream continues after the connection to the core was lost', async () => {
    const lines: Line[] = [];
    const core = started(() => {
      const line = lineTo(doubleClient());
      lines.push(line);
      return Promise.resolve(line.channel);
    });
    const snapshots: string[] = [];
    const undo = core.listen(
      (client, signal) => client.clusters.watch({ clusterId: 'orders' }, { signal }),
      (update) => snapshots.push(update.kind),
    );
    await eventually('the first snapshot arrives', () => snapshots.length === 1);
    lines[0]?.cut();
    await eventually('the connection is lost', () => core.status.getState().kind === 'lost');
    await eventually('the connection is open', () => core.status.getState().kind === 'open');
    await eventually('the second snapshot arrives', () => snapshots.length === 2);
    expect(lines).toHaveLength(2);
    undo();
  });

  it('a core that does not answer is reported, and the page keeps trying to connect', async () => {
    let tries = 0;
    const core = started(() => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error('refused')) : Promise.resolve(lineTo(doubleClient()).channel);
    });
    await eventually('the connection is lost', () => core.status.getState().kind === 'lost');
    await eventually('the connection is open', () => core.status.getState().kind === 'open');
    expect(tries).toBe(3);
  });

  it('a stream ends when nothing on the page reads it any more', async () => {
    let left = false;
    const client = doubleClient({
      fleet: async function* (signal) {
        try {
          yield { kind: 'snapshot', clusters: [] };
          await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
        } finally {
          left = true;
        }
      },
    });
    const core = started(() => Promise.resolve(lineTo(client).channel));
    let seen = 0;
    const undo = core.listen(
      (each, signal) => each.clusters.fleet(undefined, { signal }),
      () => {
        seen += 1;
      },
    );
    await eventually('one value arrives', () => seen === 1);
    undo();
    await eventually('the stream is left', () => left);
    expect(seen).toBe(1);
  });

  it('a failed call rejects with the error that the core sent', async () => {
    const core = started(() => Promise.resolve(lineTo(doubleClient()).channel));
    const thrown: unknown = await core
      .call((client) => client.clusters.discover({ serverId: 'x' }))
      .catch((error: unknown) => error);
    expect(hasCode(thrown, 'demo.not_here')).toBe(true);
  });
});
