import { readPermanentSlots } from '../../../../shared/rules/configure/slots/permanent-slots';
import { slotName } from '../../../../shared/rules/cluster/slot-name';
import { diskOf, hoardOf } from '../model/disk';
import { syncStandbys } from '../model/keys';
import { isWritable } from '../model/postgres';
import type { MemberState } from '../model/types';
import { atLeast } from '../model/version';
import type { Sim } from '../model/sim';
import type { DemoHost } from '../network/network';
import { postgresMajor, serverVersion } from '../rest/patroni-status';

const GB = 1024 ** 3;
/**
 * A change data capture that was switched off and forgotten, on the primary of every cluster of four members or more, and of one that the
 * fault struck.
 */
const FORGOTTEN = { slot: 'cdc_orders', members: 4 };

const dataDirectory = ({ driver }: DemoHost): string => `/var/lib/postgresql/${postgresMajor(driver.sim)}/main`;

/** The row about the server itself. */
export function serverRows(host: DemoHost): readonly unknown[] {
  const { sim } = host.driver;
  const recovery = !isWritable(host.member);
  const position = sim.position(host.member);
  return [
    {
      version: serverVersion(sim),
      recovery,
      position,
      replayed: recovery ? position : null,
      replayPaused: recovery ? false : null,
      lastReplayedAt: recovery ? sim.now - 400 : null,
      dataDirectory: dataDirectory(host),
      slotLimitMb: -1,
      now: sim.now,
    },
  ];
}

const receiversOf = (sim: Sim, member: MemberState): readonly MemberState[] =>
  sim.members.filter((other) => other.streaming && other.follows === member.name);

/** Of walsenders to other sites. */
const SITE_PID = 2_500;

const pidOf = (member: MemberState): number => 2_000 + member.index;

/** pg_stat_replication. */
export function sentRows({ driver: { sim }, member }: DemoHost): readonly unknown[] {
  return [...sentToMembers(sim, member), ...(isWritable(member) ? sentToSites(sim, member) : [])];
}

/** To the standby leaders of other sites. */
function sentToSites(sim: Sim, member: MemberState): readonly unknown[] {
  return sim.receivers().map(({ sim: site, member: other }) => {
    const lag = Math.max(0, sim.position(member) - site.position(other, 0, sim.now));
    return {
      pid: SITE_PID + other.index,
      application: other.name,
      user: 'replicator',
      address: other.ip,
      state: 'streaming',
      syncState: 'async',
      slot: slotName(site.spec.scope),
      ...{ sent: lag, write: lag, flush: lag, replay: lag, writeMs: 3, flushMs: 4, replayMs: 5 },
    };
  });
}

function sentToMembers(sim: Sim, member: MemberState): readonly unknown[] {
  return receiversOf(sim, member).map((other) => {
    const lag = Math.max(0, sim.position(member) - sim.position(other));
    const time = Math.round((lag / Math.max(1, sim.bytesPerSecond * sim.timeScale)) * 1000);
    return {
      pid: pidOf(other),
      application: other.name,
      user: 'replicator',
      address: other.ip,
      state: other.wal.kind === 'catch_up' && sim.now < other.wal.until ? 'catchup' : 'streaming',
      syncState: syncStandbys(sim).includes(other.name) ? 'sync' : 'async',
      slot: slotName(other.name),
      sent: lag,
      write: lag,
      flush: lag,
      replay: lag,
      writeMs: time,
      flushMs: time + 1,
      replayMs: time + 2,
    };
  });
}

/** pg_stat_wal_receiver. */
export function receivedRows({ driver: { sim }, member }: DemoHost): readonly unknown[] {
  const source = sim.source();
  const isOfSite = member.role === 'standby_leader' && source !== null;
  const upstream = isOfSite ? source.member(source.leaderName()) : sim.member(member.follows);
  if (!member.streaming || upstream === undefined) return [];
  const position = sim.position(member);
  return [
    {
      pid: 1_900 + member.index,
      status: 'streaming',
      senderHost: upstream.ip,
      senderPort: sim.spec.ports?.postgres ?? 5432,
      slot: slotName(isOfSite ? sim.spec.scope : member.name),
      timeline: member.timeline,
      written: position,
      flushed: position,
      latestEnd: position,
      lastMessage: sim.now - 300,
    },
  ];
}

interface SlotOptions {
  /** Of the server, bytes. */
  readonly position: number;
  readonly active: boolean;
  readonly retained: number;
  readonly kind?: 'logical';
  readonly activePid?: number;
}

function slotRow(sim: Sim, name: string, { position, active, retained, kind, activePid }: SlotOptions): unknown {
  return {
    name,
    kind: kind ?? 'physical',
    plugin: kind === 'logical' ? 'pgoutput' : null,
    database: kind === 'logical' ? 'app' : null,
    temporary: false,
    active,
    activePid: active ? (activePid ?? null) : null,
    retained,
    restart: Math.round(position - retained),
    walStatus: retained > GB ? 'extended' : 'reserved',
    safeWalSize: null,
    inactiveSince: active || serverVersion(sim) < 170_000 ? null : sim.now - 5_400_000,
    invalidation: null,
    synced: serverVersion(sim) < 170_000 ? null : false,
  };
}

/** pg_replication_slots: Patroni's slots of the other members on the primary, and one that was forgotten. */
export function slotRows({ driver: { sim }, member }: DemoHost): readonly unknown[] {
  const permanent = permanentRows(sim, member);
  if (!isWritable(member)) return permanent;
  const position = sim.position(member);
  const ofMembers = sim.members
    .filter((other) => other !== member)
    .map((other) => {
      const active = other.streaming && other.follows === member.name;
      const retained = Math.max(0, position - sim.position(other));
      return slotRow(sim, slotName(other.name), { position, active, retained, activePid: pidOf(other) });
    });
  if (sim.members.length < FORGOTTEN.members && !sim.slotHoards) return [...permanent, ...ofMembers];
  return [
    ...permanent,
    slotRow(sim, FORGOTTEN.slot, {
      position,
      active: false,
      retained: hoardOf(sim) + (position % GB),
      kind: 'logical',
    }),
    ...ofMembers,
  ];
}

/** Permanent slots: on the primary, and on replicas as far as the release of Patroni keeps them there. */
function permanentRows(sim: Sim, member: MemberState): readonly unknown[] {
  const keepsPhysical = isWritable(member) || atLeast(sim.spec.version, '3.2.0');
  const used = isWritable(member) ? sim.receivers().map(({ sim: site }) => slotName(site.spec.scope)) : [];
  return readPermanentSlots(member.config)
    .filter(({ kind, name }) => name !== slotName(member.name) && (kind === 'logical' || keepsPhysical))
    .map(({ kind, name, database, plugin }) => ({
      ...Object(
        slotRow(sim, name, {
          position: sim.position(member),
          active: used.includes(name),
          activePid: SITE_PID,
          retained: 65_536,
          ...(kind === 'logical' ? { kind } : {}),
        }),
      ),
      database,
      plugin,
    }));
}

/** pg_stat_archiver. */
export function archiverRows({ driver: { sim } }: DemoHost): readonly unknown[] {
  return [
    {
      mode: 'on',
      archived: 1_204,
      failed: 0,
      lastArchived: '00000003000000000000004B',
      lastArchivedAt: sim.now - 42_000,
      lastFailed: null,
      lastFailedAt: null,
    },
  ];
}

/** The line of df about the disk with the WAL: what a forgotten slot retains is missing there. */
export function walDiskLine(host: DemoHost): string {
  const { size, free } = diskOf(host.driver.sim);
  const used = size - free;
  return `/dev/vdb1 ${size} ${used} ${free} ${Math.ceil((used / size) * 100)}% ${dataDirectory(host)}\n`;
}
