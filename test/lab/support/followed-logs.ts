import { followServer } from '../../../electron/core/logs/follow-server';
import type { LogGap, LogRecord, LogServer } from '../../../shared/model/logs/log-record';
import { mergeByTime, sortByTime } from '../../../shared/rules/logs/merge-records';
import { makePool, poolServer } from '../../support/ssh/ssh-pool';
import type { Lab, NodeName } from './lab';
import { waitFor } from './run';

/** All that is heard of the logs of servers while they are followed. */
class HeardLogs {
  /** In the order of time, by the clock of this machine. */
  records: readonly LogRecord[] = [];
  readonly gaps = new Map<string, LogGap>();
  readonly servers = new Map<string, LogServer>();

  of(member: string, text: RegExp): LogRecord | undefined {
    return this.records.find((record) => record.member === member && text.test(record.text));
  }

  /** The first one later than `time`, ms since the epoch. */
  after(time: number, text: RegExp): LogRecord | undefined {
    return this.records.find((record) => record.at > time && text.test(record.text));
  }

  gapOf(member: string, state: LogGap['state']): boolean {
    return [...this.gaps.values()].some((gap) => gap.member === member && gap.state === state);
  }
}

/** The logs of servers that are being followed, and the end of it. */
export interface FollowedLogs {
  readonly heard: HeardLogs;
  /** Waits until every server is read live, for at most `patienceMs`. */
  allRead(patienceMs: number): Promise<true>;
  close(): Promise<void>;
}

/** Follows the logs of servers as the app does, logged in as admin with the key of the lab. */
export async function followLogs(lab: Lab, nodes: readonly NodeName[]): Promise<FollowedLogs> {
  const heard = new HeardLogs();
  const pool = await makePool({
    servers: nodes.map((name) =>
      poolServer(22, {
        id: name,
        name,
        host: lab.node(name).ip,
        user: 'admin',
        auth: { kind: 'key', keyPath: lab.keyPath },
      }),
    ),
  });
  const undone = nodes.map((name) =>
    followServer({
      remote: pool.pool.remote(name),
      member: name,
      now: Date.now,
      onClock: () => undefined,
      sink: {
        records: (records) => {
          heard.records = mergeByTime(heard.records, sortByTime(records));
          return undefined;
        },
        gap: (gap) => heard.gaps.set(gap.id, gap),
        server: (server) => heard.servers.set(server.serverId, server),
      },
    }),
  );
  return {
    heard,
    allRead: (patienceMs) =>
      waitFor<true>('all are read', patienceMs, () =>
        Promise.resolve(nodes.every((name) => heard.servers.get(name)?.status === 'live') ? true : undefined),
      ),
    close: async () => {
      for (const undo of undone) undo();
      await pool.close();
    },
  };
}
