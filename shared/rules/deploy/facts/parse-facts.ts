import { deployManifestSchema, type DeployManifest } from '../../../model/deploy/manifest';
import type { DiskFacts, MadeFacts, PathFacts, PortFacts, ServerFacts, UnitFacts } from '../../../model/deploy/facts';

/** Words that the script of the facts answers with, one fact a line, fields apart by tabs. */
type Line = readonly string[];

/** How long the looking took, to take the round trip out of the clock. All times in ms of the workstation. */
export interface LookTimes {
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** Reads a text from Base64; given by the caller because this runs in the page too. */
export type Decode = (base64: string) => string;

/**
 * The facts from what the script printed. Unknown lines are passed over; a line that is missing leaves an empty
 * or unknown value, never a guess.
 */
export function parseFacts(server: string, text: string, times: LookTimes, decode: Decode): ServerFacts {
  const lines: Line[] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  const all = (key: string): Line[] => lines.filter((line) => line[0] === key);
  const one = (key: string, field = 1): string => all(key)[0]?.[field] ?? '';
  return {
    server,
    at: times.receivedAt,
    root: one('root') === '0',
    hostname: one('host'),
    hostnameAddresses: all('hostaddr').map((line) => line[1] ?? ''),
    addresses: all('addr').map((line) => line[1] ?? ''),
    interfaces: all('addr').map((line) => ({
      address: line[1] ?? '',
      name: line[2] ?? '',
      prefix: number(line[3] ?? ''),
    })),
    os: { id: one('os'), version: one('os', 2), codename: one('os', 3), title: one('os', 4) },
    architecture: one('arch'),
    systemd: one('systemd') === 'yes',
    cpus: number(one('cpus')),
    memoryBytes: number(one('memory')) * 1024,
    disks: all('disk').map(disk),
    ports: all('port').flatMap(port),
    users: all('user').map((line) => line[1] ?? ''),
    groups: all('group').map((line) => line[1] ?? ''),
    packages: pairs(all('pkg')),
    candidates: pairs(all('candidate')),
    units: Object.fromEntries(all('unit').map((line) => [line[1] ?? '', unit(line, all('stamp'))])),
    paths: paths(all('path'), all('content'), decode),
    locales: all('locale').map((line) => line[1] ?? ''),
    clockOffsetMs: clockOffset(one('clock'), times),
    apt: {
      lockedBy: one('aptlock') || null,
      interrupted: one('dpkg') === 'interrupted',
      listsAgeSeconds: age(one('lists')),
      hosts: all('apthost').map((line) => line[1] ?? ''),
      sources: all('aptsource').map((line) => ({
        uri: line[1] ?? '',
        suite: line[2] ?? '',
        file: (line[3] ?? '').replace(/:\d+$/, ''),
      })),
    },
    postgresClusters: all('pgdata').map((line) => ({
      directory: line[1] ?? '',
      version: line[2] ?? '',
      running: line[3] === 'running',
    })),
    etcdDirectories: all('etcddata').map((line) => line[1] ?? ''),
    security: { selinux: one('selinux') || 'absent', apparmor: one('apparmor') || 'absent' },
    watchdogDevice: one('watchdog') === 'yes',
    softdog: one('softdog') === 'yes',
    manifest: manifest(one('manifest'), decode),
    made: { ...made(all('made')), pending: one('pending') === 'yes' },
  };
}

/** Whether the script came to its end: an incomplete answer is no facts. */
export function factsComplete(text: string): boolean {
  return text.trimEnd().endsWith('end\tof facts');
}

function number(text: string): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : 0;
}

function age(text: string): number | null {
  return text === '' ? null : number(text);
}

function disk(line: Line): DiskFacts {
  return {
    path: line[1] ?? '',
    device: line[2] ?? '',
    totalBytes: number(line[3] ?? '') * 1024,
    freeBytes: number(line[4] ?? '') * 1024,
  };
}

/** `ss` writes `address:port`, IPv6 in brackets, any as `*` or `0.0.0.0`. */
function port(line: Line): PortFacts[] {
  const match = /^(.*):(\d+)$/.exec(line[1] ?? '');
  if (match === null) return [];
  const name = /"([^"]+)"/.exec(line[2] ?? '');
  return [
    {
      address: (match[1] ?? '').replaceAll(/[[\]]/g, '').replace(/%.*$/, ''),
      port: number(match[2] ?? ''),
      process: name?.[1] ?? null,
    },
  ];
}

function pairs(lines: readonly Line[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line[1] ?? '', line[2] ?? '']));
}

const loads = ['loaded', 'masked', 'not-found'] as const;

function unit(line: Line, stamps: readonly Line[]): UnitFacts {
  const load = loads.find((known) => known === line[2]) ?? 'other';
  const stamp = stamps.find((entry) => entry[1] === line[1]);
  return { load, enabled: line[3] ?? '', active: line[4] ?? '', fresh: stamp?.[2] === 'fresh' };
}

function paths(found: readonly Line[], contents: readonly Line[], decode: Decode): Record<string, PathFacts> {
  const texts = new Map(contents.map((line) => [line[1] ?? '', decode(line[2] ?? '')]));
  return Object.fromEntries(found.map((line) => [line[1] ?? '', path(line, texts.get(line[1] ?? '') ?? null)]));
}

function path(line: Line, content: string | null): PathFacts {
  return {
    kind: kindOf(line[2] ?? ''),
    owner: line[3] ?? '',
    group: line[4] ?? '',
    mode: Number.parseInt(line[5] ?? '0', 8),
    empty: line[6] === 'empty',
    content,
  };
}

function kindOf(text: string): PathFacts['kind'] {
  if (text === 'directory') return 'directory';
  return text.startsWith('regular') ? 'file' : 'other';
}

/** The server's clock against the middle of the round trip, in whole ms. */
function clockOffset(nanoseconds: string, times: LookTimes): number {
  if (!/^\d+$/.test(nanoseconds)) return 0;
  const server = Number(nanoseconds.slice(0, -6));
  if (server < times.sentAt) return server - times.sentAt;
  return server > times.receivedAt ? server - times.receivedAt : 0;
}

function made(lines: readonly Line[]): Pick<MadeFacts, 'packages' | 'users' | 'groups'> {
  const of = (what: string): string[] => lines.filter((line) => line[1] === what).map((line) => line[2] ?? '');
  return { packages: of('packages'), users: of('users'), groups: of('groups') };
}

function manifest(base64: string, decode: Decode): DeployManifest | null {
  if (base64 === '') return null;
  try {
    const read = deployManifestSchema.safeParse(JSON.parse(decode(base64)));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
