import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One direction of a proxied connection. */
export type Direction = 'toServer' | 'toClient';

/** A TCP proxy on loopback that can behave like a bad network. */
export interface FaultProxy {
  readonly port: number;
  /** Connections that were accepted so far. */
  readonly accepted: () => number;
  /** Bytes that went through, per direction. */
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Freezes the link: everything stays connected, nothing passes. Also for one direction only. */
  suspend(direction?: Direction): void;
  resume(): void;
  /** Each piece of data waits this long, ms. */
  delay(ms: number): void;
  /** Resets every connection. */
  cut(): void;
  /** While true, new connections are closed at once. */
  refuse(refusing: boolean): void;
  close(): Promise<void>;
}

interface Faults {
  readonly frozen: Set<Direction>;
  delayMs: number;
  refusing: boolean;
}

/** Starts a proxy in front of a port on loopback. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const faults: Faults = { frozen: new Set(), delayMs: 0, refusing: false };
  const bytes = { toServer: 0, toClient: 0 };
  const pipes = new Set<Pipe>();
  let accepted = 0;
  const server = createServer((client) => {
    accepted += 1;
    if (faults.refusing) {
      client.on('error', () => undefined).destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    for (const pipe of [
      new Pipe(client, target, 'toServer', faults, bytes),
      new Pipe(target, client, 'toClient', faults, bytes),
    ]) {
      pipes.add(pipe);
      pipe.from.once('close', () => {
        pipes.delete(pipe);
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const cut = (): void => {
    for (const pipe of pipes) pipe.from.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    bytes,
    accepted: () => accepted,
    cut,
    suspend: (direction) => {
      for (const one of direction === undefined ? (['toServer', 'toClient'] as const) : [direction])
        faults.frozen.add(one);
    },
    resume: () => {
      faults.frozen.clear();
      for (const pipe of pipes) pipe.flush();
    },
    delay: (ms) => {
      faults.delayMs = ms;
    },
    refuse: (refusing) => {
      faults.refusing = refusing;
    },
    close: () =>
      new Promise<void>((resolve) => {
        cut();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** One direction of one connection; what arrives while it is frozen waits here, as it would in the network. */
class Pipe {
  readonly from: Socket;
  readonly #to: Socket;
  readonly #direction: Direction;
  readonly #faults: Faults;
  readonly #held: Buffer[] = [];
  #ended = false;

  constructor(from: Socket, to: Socket, direction: Direction, faults: Faults, bytes: Record<Direction, number>) {
    this.from = from;
    this.#to = to;
    this.#direction = direction;
    this.#faults = faults;
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      bytes[direction] += chunk.length;
      this.#pass(chunk);
    });
    from.on('end', () => {
      this.#ended = true;
      this.#later();
    });
    from.on('error', () => {
      to.destroy();
    });
    from.on('close', () => {
      if (!this.#faults.frozen.has(direction)) to.destroySoon();
    });
  }

  flush(): void {
    if (this.#faults.frozen.has(this.#direction)) return;
    for (const chunk of this.#held.splice(0)) this.#to.write(chunk);
    if (this.#ended) this.#to.end();
  }

  #pass(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#later();
  }

  #later(): void {
    if (this.#faults.delayMs > 0)
      setTimeout(() => {
        this.flush();
      }, this.#faults.delayMs);
    else this.flush();
  }
}
