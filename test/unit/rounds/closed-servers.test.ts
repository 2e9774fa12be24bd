import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tellClosedServers } from '../../../electron/core/rounds/closed-servers';
import type { ReportedFindings } from '../../../electron/core/clusters/fold/facts';
import type { Server, SudoMode } from '../../../shared/model/connect/server';
import { Facts } from '../../support/cluster/cluster-facts';

const { entry } = new Facts().facts;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The servers s1 to s3 of a cluster with these ways to root, and what was reported of it. */
function told(sudo: Record<string, SudoMode>) {
  let blindSpots: readonly string[] = [];
  const reports: ReportedFindings[] = [];
  const state = new Facts().fold();
  const server = (id: string): Server => ({
    ...{ id, name: id.replace('s', 'db'), host: '10.0.0.1', port: 22, user: 'admin', auth: { kind: 'agent' } },
    ...{ sudo: sudo[id] ?? { kind: 'none' }, jump: [], tags: [] },
  });
  const undo = tellClosedServers({
    hub: {
      state: () => ({ ...state, blindSpots }),
      report: (_id, _source, found) => {
        reports.push(found);
        blindSpots = found.blindSpots ?? [];
      },
    },
    inventory: { server },
    clusters: () => [entry],
    now: () => 1_000,
  });
  return { reports, said: () => blindSpots, undo };
}

it('a cluster says of which servers the sudo password is not stored, what is not watched there, and where it is stored', () => {
  const { reports, said } = told({ s1: { kind: 'password' }, s3: { kind: 'password' } });
  vi.advanceTimersByTime(10_000);
  expect(said()).toHaveLength(1);
  expect(said()[0]).toMatch(/^The sudo passwords of db1 and db3 are not stored.*slots.*load balancers.*under Servers/);
  expect(reports, 'once').toHaveLength(1);
  expect(reports[0]?.isSettled, 'it is no look at what it cannot see').toBe(false);
});

it('it says so no longer once the password is stored, and nothing where none is needed', () => {
  const sudo: Record<string, SudoMode> = { s1: { kind: 'password' } };
  const { said, reports } = told(sudo);
  vi.advanceTimersByTime(2_000);
  expect(said()[0]).toContain('The sudo password of db1 is not stored');
  sudo['s1'] = { kind: 'password', passwordSecret: 'kept' };
  vi.advanceTimersByTime(10_000);
  expect([said(), reports.length]).toEqual([[], 2]);
});

it('nothing is said any more once it is undone', () => {
  const { reports, undo } = told({ s1: { kind: 'password' } });
  undo();
  vi.advanceTimersByTime(10_000);
  expect(reports).toEqual([]);
});
