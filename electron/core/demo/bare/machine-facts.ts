import { pathsOf, wordsOf } from '../ssh/facts';
import { catalogue, packageHost } from './catalogue';
import type { Machine } from './machine';
import { listenersOn } from './services-on';
import type { BareServer } from './site';
import { unitRuns } from './units';

type Row = readonly string[];

/** What an inspection of a simulated server gives, in the form of facts-script.ts. */
export function machineFacts(host: BareServer, script: string, now: number): string {
  const { machine } = host;
  const scope = wordsOf(script, 'SCOPE')[0] ?? '';
  const state = `/var/lib/matriarch/${scope}`;
  const rows: readonly Row[] = [
    ['clock', `${now}000000`],
    ['root', '0'],
    ['host', machine.name],
    ['hostaddr', machine.ip],
    ['addr', '127.0.0.1', 'lo', '8'],
    ['addr', machine.ip, 'eth0', '24'],
    ['os', 'debian', '13', 'trixie', 'Debian GNU/Linux 13 (trixie)'],
    ['arch', 'amd64'],
    ['systemd', 'yes'],
    ['cpus', '4'],
    ['memory', '8388608'],
    ['disk', '/', '/dev/vda1', '104857600', '98566144'],
    ['disk', '/var/lib', '/dev/vda1', '104857600', '98566144'],
    ['locale', 'C.utf8'],
    ['apparmor', 'Y'],
    ['softdog', 'yes'],
    ['apthost', packageHost],
    ...(machine.listsFetchedAt === null ? [] : [['lists', String(Math.floor((now - machine.listsFetchedAt) / 1000))]]),
    ...listenersOn(host).map(({ port, program }) => [
      'port',
      `${machine.ip}:${port}`,
      `users:(("${program}",pid=812,fd=4))`,
    ]),
    ...[...machine.users].map((name) => ['user', name]),
    ...[...machine.groups].map((name) => ['group', name]),
    ...wordsOf(script, 'PKGS').flatMap((name) => packageRows(machine, name)),
    ...wordsOf(script, 'UNITS').flatMap((unit) => unitRows(host, state, unit)),
    ...pathRows(machine, pathsOf(script), contentsOf(script)),
    ...dataRows(host),
    ...manifestRows(machine, scope, state),
    ['end', 'of facts'],
  ];
  return rows.map((row) => `${row.join('\t')}\n`).join('');
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** The paths whose content is asked for: one a line of a text in quotes. */
function contentsOf(script: string): ReadonlySet<string> {
  const [, quoted, plain = ''] = /^CONTENTS=(?:'([^']*)'|(\S*))$/m.exec(script) ?? [];
  return new Set((quoted ?? plain).split('\n'));
}

function packageRows(machine: Machine, name: string): readonly Row[] {
  const installed = machine.packages.get(name);
  const offered = Object.hasOwn(catalogue, name) ? catalogue[name]?.version : undefined;
  return [
    ...(installed === undefined ? [] : [['pkg', name, installed]]),
    ...(offered === undefined || machine.listsFetchedAt === null ? [] : [['candidate', name, offered]]),
  ];
}

function unitRows(host: BareServer, state: string, name: string): readonly Row[] {
  const { machine } = host;
  const set = machine.units.get(name);
  const fresh = machine.isFresh(state, name);
  const stamp = fresh === null ? [] : [['stamp', name, fresh ? 'fresh' : 'stale']];
  if (set?.enabled === 'masked') return [['unit', name, 'masked', 'masked', 'inactive'], ...stamp];
  const unit = machine.unit(name);
  if (unit === null) return [['unit', name, 'not-found', '', 'inactive']];
  return [['unit', name, 'loaded', unit.enabled, unitRuns(host, name) === true ? 'active' : 'inactive'], ...stamp];
}

function pathRows(machine: Machine, paths: readonly string[], contents: ReadonlySet<string>): readonly Row[] {
  return paths.flatMap((path): readonly Row[] => {
    const found = machine.paths.get(path);
    if (found === undefined) return [];
    const { kind, owner, group, mode, content } = found;
    const empty = kind === 'directory' && machine.isEmpty(path) ? 'empty' : '';
    return [
      ['path', path, kind === 'directory' ? 'directory' : 'regular file', owner, group, mode.toString(8), empty],
      ...(kind === 'file' && contents.has(path) ? [['content', path, base64(content)]] : []),
    ];
  });
}

function dataRows({ machine, member }: BareServer): readonly Row[] {
  return [...machine.paths.keys()].flatMap((path): readonly Row[] => {
    const [, data, version] = /^(\/var\/lib\/postgresql\/(\d+)\/[^/]+)\/PG_VERSION$/.exec(path) ?? [];
    if (data !== undefined)
      return [['pgdata', data, version ?? '', member.state === 'running' ? 'running' : 'stopped']];
    const [, etcd] = /^(\/var\/lib\/etcd(?:\/[^/]+)?)\/member$/.exec(path) ?? [];
    return etcd === undefined ? [] : [['etcddata', etcd]];
  });
}

function manifestRows(machine: Machine, scope: string, state: string): readonly Row[] {
  const manifest = machine.text(`/etc/matriarch/manifest-${scope}.json`);
  const made = machine.made.get(state);
  return [
    ...(manifest === null ? [] : [['manifest', base64(manifest)]]),
    ...Object.entries(made ?? {}).flatMap(([what, names]) => names.map((name) => ['made', what, name])),
  ];
}
