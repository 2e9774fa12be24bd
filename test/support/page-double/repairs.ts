import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError } from '../../../shared/model/app-error';
import type { SlotReading } from '../../../shared/model/postgres/replication';
import type { DataDirectory, Repair, RepairPlan, RepairPreview } from '../../../shared/model/repair/repair';
import type { CertificateFile, NewCertificate } from '../../../shared/model/repair/certificate-repair';
import { whyRenew } from '../../../shared/rules/repair/certificate-facts';
import { judgeCertificates } from '../../../shared/rules/repair/certificates';
import { judgeDiverged } from '../../../shared/rules/repair/diverged';
import { judgeEtcdSnapshot } from '../../../shared/rules/repair/etcd-snapshot';
import { judgeSlotLost } from '../../../shared/rules/repair/slot-lost';
import { judgeWalHeld } from '../../../shared/rules/repair/wal-held';

const [MB, GB] = [1024 ** 2, 1024 ** 3];

/** Repairs as the double of the core shows them: judged by the real rules, on made-up evidence. `now`: ms since the epoch. */
export function repairsDouble(now: number) {
  const os = implement(contract).repair;
  const refused = () => appError('demo.not_here', 'The double does not do this.', {});
  return {
    preview: os.preview.handler(({ input }): RepairPreview => {
      const plan = planOf(input.repair, input.gone, now);
      if (plan === null) throw refused();
      const { asksName, ...shown } = plan;
      const allowed = plan.checks.every(({ verdict }) => verdict !== 'refuses');
      return { ...shown, repair: input.repair, typeToConfirm: asksName ? 'Orders' : null, allowed, asOf: now };
    }),
    give: os.give.handler(({ input }) => ({
      id: 'given-to-the-double',
      files: input.files.map(({ name }) => ({ name, says: 'the authority CN=Example and a private key' })),
    })),
    start: os.start.handler(() => Promise.reject(refused())),
  };
}

function planOf(repair: Repair, gone: readonly string[], now: number): RepairPlan | null {
  switch (repair.kind) {
    case 'wal_held':
      return walHeld(repair.member, repair.slot, now);
    case 'slot_lost':
      return slotLost(repair.member, repair.slot, now);
    case 'diverged':
      return diverged(repair.member, repair.way, now);
    case 'etcd_snapshot':
      return etcdSnapshot(repair.file, repair.server, gone, now);
    case 'certificates':
      return certificatesPlan(repair.given !== null, now);
    default:
      return null;
  }
}

function slotOf(name: string, change: Partial<SlotReading>): SlotReading {
  return {
    ...{ name, kind: 'physical', plugin: null, database: null, temporary: false, active: false, activePid: null },
    ...{ retained: null, restart: 100, walStatus: 'extended', safeWalSize: null, inactiveSince: null },
    ...{ invalidation: null, synced: null },
    ...change,
  };
}

function walHeld(member: string, slot: string | null, now: number): RepairPlan {
  const slots = [
    slotOf('warehouse', { retained: 38 * GB, inactiveSince: now - 9 * 86_400_000 }),
    slotOf('reports', { kind: 'logical', plugin: 'pgoutput', database: 'shop', retained: 2 * GB }),
    slotOf('db2', { active: true, retained: 4096 }),
  ];
  const archiver = { fails: true, lastFailed: '00000007000000120000003C', lastFailedAt: now - 60_000 };
  return judgeWalHeld({
    ...{ member, slot, why: null, archiverSaid: null, unit: 'patroni.service', port: 5432, permanent: [] },
    ofMembers: new Map([['db2', 'db2']]),
    word: { recovery: false, slots, slotLimit: null, kept: 128 * MB, archiver, at: now },
    wal: {
      ...{ member, server: member, directory: '/var/lib/postgresql/17/main', runs: true, size: 39 * GB, at: now },
      ...{ segments: 2496, segmentSize: 16 * MB, waiting: 12, disk: { size: 50 * GB, free: 700 * MB } },
      ...{ newest: 39 * GB, slots: [] },
      others: [{ path: '/var/log/postgresql', size: 3 * GB }],
    },
  });
}

function dataOf(member: string, now: number, change: Partial<DataDirectory> = {}): DataDirectory {
  return {
    ...{ member, server: member, directory: '/var/lib/postgresql/17/main', content: 'cluster', at: now },
    ...{ systemIdentifier: '7412345678901234567', timeline: 8, checkpoint: 0x5000000, runs: true, kept: [] },
    ...{ history: [{ timeline: 7, lsn: 0x4a000148 }], size: 120 * GB, free: 300 * GB, isMount: false, links: [] },
    ...change,
  };
}

function slotLost(member: string, slot: string | null, now: number): RepairPlan {
  const slots = [slotOf('db3', { walStatus: 'lost', invalidation: 'wal_removed', restart: null })];
  return judgeSlotLost({
    ...{ member, server: member, slot, leader: member, why: null, port: 5432, at: now, permanent: [] },
    word: { recovery: false, slots, slotLimit: 10 * GB, kept: null, archiver: null, at: now },
    receiver:
      slot === 'db3'
        ? {
            ...{ name: 'db3', streams: false, answers: true, why: null, position: 0x49000000 },
            ...{ data: dataOf('db3', now), fork: { kind: 'same', timeline: 8 } },
          }
        : null,
    ...{ leaders: dataOf(member, now), leaderPosition: 0x60000000 },
    recipe: slot === 'db3' ? { name: 'db3', kind: 'physical', plugin: null, twoPhase: false, failover: false } : null,
  });
}

function diverged(member: string, way: 'renew' | 'rewind', now: number): RepairPlan {
  return judgeDiverged({
    ...{ member, way, leader: 'db1', paused: false, unit: 'patroni.service', said: null, rewinds: true },
    ...{ streams: false, runsAsPrimary: true, lostWhy: null, lostAt: now },
    own: dataOf(member, now, { timeline: 7, history: [{ timeline: 6, lsn: 0x3a000148 }] }),
    leaders: dataOf('db1', now),
    keptAs: '/var/lib/postgresql/17/main.matriarch-kept-20261127T141500Z',
    fork: { kind: 'diverged', timeline: 7, lsn: 0x4a000148 },
    positions: { own: 0x4a3f0028, leaders: 0x52000060 },
    lost: {
      ...{ records: 1204, commits: 87, last: 0x4a3f0028, isCut: false },
      ...{ firstCommit: '2026-11-27 13:58:01', lastCommit: '2026-11-27 14:03:19' },
      files: [{ tablespace: 1663, database: 5, file: 16_384, records: 900 }],
    },
    touched: {
      names: [
        { name: 'shop.public.orders', records: 611 },
        { name: 'shop.public.order_items', records: 289 },
      ],
      ...{ unknown: 0, member },
    },
  });
}

function etcdSnapshot(file: string | null, server: string | null, gone: readonly string[], now: number): RepairPlan {
  const saved = {
    path: '/home/dba/.config/Matriarch/snapshots/etcd-orders-20261127.db',
    size: 5 * MB + 32,
    at: now - 3_600_000,
  };
  const look = {
    kind: 'reached',
    ...{ unit: 'etcd.service', active: 'failed', name: 'db1', peer: 'https://10.0.0.1:2380' },
    ...{ tool: '/usr/bin/etcdutl', directory: '/var/lib/etcd/default', hasConfigFile: false, hasData: true },
    ...{ size: 12 * MB, free: 20 * GB },
  } as const;
  return judgeEtcdSnapshot({
    ...{ answering: [], files: [saved], file, server, gone, why: null, synchronous: false, others: [], at: now },
    sites: [
      { server: 'db1', reach: look },
      { server: 'db2', reach: { kind: 'unreachable', why: 'db2 does not answer.' } },
      { server: 'db3', reach: { kind: 'unreachable', why: 'db3 does not answer.' } },
    ],
    checked: file === null ? null : { ...saved, sha256: '5f'.repeat(32) },
    ...{ keptAs: '/var/lib/etcd/default.matriarch-kept-20261127T141500Z', token: 'matriarch-20261127T141500Z' },
  });
}

const DAY = 86_400_000;

/** etcd's and the members' certificates have ended; they are of an authority whose key has to be given. */
function certificatesPlan(isGiven: boolean, now: number): RepairPlan {
  const file = (
    server: string,
    cert: string,
    programs: CertificateFile['programs'],
    until: number,
  ): CertificateFile => ({
    ...{ server, cert, programs, key: cert.replace('.crt', '.key'), keyFits: true, why: null },
    placement: 'postgres:postgres 600',
    details: {
      ...{ subject: `CN=${server}, O=Example`, issuer: 'CN=Example', names: [server, 'localhost', '10.0.0.1'] },
      ...{ from: until - 397 * DAY, until, fingerprint: `AB:${server}:${cert}`, signedBy: 'other' },
    },
  });
  const servers = ['db1', 'db2', 'db3'];
  const etcd = servers.map((name) => file(name, '/etc/etcd/tls/etcd.crt', ['etcd'], now - DAY));
  const patroni = servers.map((name) =>
    file(name, '/etc/patroni/tls/server.crt', ['patroni', 'postgresql'], now + 9 * DAY),
  );
  const pooler = servers.map((name) => file(name, '/etc/pgbouncer/tls/pgbouncer.crt', ['pgbouncer'], now + 200 * DAY));
  const next: NewCertificate = isGiven
    ? { kind: 'made', by: 'given_authority', issuer: 'CN=Example' }
    : { kind: 'none', why: 'no file for it was given' };
  return judgeCertificates({
    files: [...etcd, ...patroni, ...pooler],
    changes: [...etcd, ...patroni].map((one) => ({ file: one, because: whyRenew(one, now) ?? '', next })),
    ...{ trusts: [], trustChanges: [], ports: [], problems: [], others: [], own: 'replaced', at: now },
    authority: { app: null, signer: isGiven ? 'given_authority' : null, given: null, turned: false },
    ...{ etcdServers: servers, patroniServers: servers, balancerServers: servers },
    keptSuffix: '.matriarch-kept-20261127T141500Z',
  });
}
