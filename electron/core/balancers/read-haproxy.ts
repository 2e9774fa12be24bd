import type { HaproxySection, HaproxyServer, HaproxyStatus } from '../../../shared/model/balancers/balancers';
import { healthPathOf } from '../../../shared/rules/balancers/health-paths';

/** Where a section's statistics are shown, for HAProxys without a statistics socket; `login` is `user:password` or null. */
export interface StatisticsPage {
  readonly port: number;
  readonly uri: string;
  readonly login: string | null;
}

interface Line {
  readonly words: readonly string[];
}

interface Section {
  readonly kind: string;
  readonly name: string;
  readonly lines: readonly Line[];
}

const kinds = new Set(['global', 'defaults', 'listen', 'frontend', 'backend', 'userlist', 'peers', 'resolvers']);

/** Words as HAProxy reads them (configuration manual, 2.2): backslashes and quotes keep a blank, `#` begins a comment. */
function wordsOf(line: string): readonly string[] {
  const found = line.matchAll(/#.*$|(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s#"'\\])+/g);
  return [...found]
    .map(([word]) => word)
    .filter((word) => !word.startsWith('#'))
    .map((word) => word.replaceAll(/\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_all, a, b, c) => String(a ?? b ?? c)));
}

function sectionsOf(config: string): readonly Section[] {
  const sections: { kind: string; name: string; lines: Line[] }[] = [];
  for (const line of config.split('\n')) {
    const words = wordsOf(line);
    const [first = '', name = ''] = words;
    if (kinds.has(first)) sections.push({ kind: first, name, lines: [] });
    else if (words.length > 0) sections.at(-1)?.lines.push({ words });
  }
  return sections;
}

function linesOf({ lines }: Section, ...begin: readonly string[]): readonly (readonly string[])[] {
  return lines
    .map(({ words }) => words)
    .filter((words) => begin.every((word, index) => words[index] === word))
    .map((words) => words.slice(begin.length));
}

/** Ports of `bind` lines: `:5000`, `*:5000`, `10.0.0.1:5000,10.0.0.2:5001`, `[::]:5000`; the first of a range. */
function portsOf(section: Section): readonly number[] {
  const ports = linesOf(section, 'bind').flatMap(([addresses = '']) =>
    addresses.split(',').flatMap((address) => {
      const port = /:(\d+)(?:-\d+)?$/.exec(address)?.[1];
      return port === undefined ? [] : [Number(port)];
    }),
  );
  return [...new Set(ports)];
}

/** The path that is asked: `option httpchk [METHOD] URI`, or `http-check send ... uri URI`. */
function checkOf(section: Section, defaults: Section | undefined): string | null {
  for (const one of [section, ...(defaults === undefined ? [] : [defaults])]) {
    const [sent] = linesOf(one, 'http-check', 'send');
    const uri = sent?.[sent.indexOf('uri') + 1];
    if (sent?.includes('uri') === true && uri !== undefined) return uri;
    const [httpchk] = linesOf(one, 'option', 'httpchk');
    if (httpchk !== undefined) return httpchk.length === 0 ? '/' : (httpchk[1] ?? httpchk[0] ?? '/');
  }
  return null;
}

interface Described {
  readonly address: string;
  readonly checkAddress: string | null;
}

/** `server NAME ADDRESS [check] [port N] [addr A]`: where connections go and where the check goes. */
function serversIn(section: Section): ReadonlyMap<string, Described> {
  const [defaults = []] = linesOf(section, 'default-server');
  return new Map(
    linesOf(section, 'server').map(([name = '', address = '', ...rest]) => {
      const all = [...defaults, ...rest];
      const after = (word: string): string | undefined =>
        all.includes(word) ? all[all.lastIndexOf(word) + 1] : undefined;
      const { host, port } = hostPort(address);
      const checked = { host: after('addr') ?? host, port: after('port') ?? port };
      const bracketed =
        checked.host.includes(':') && !checked.host.startsWith('[') ? `[${checked.host}]` : checked.host;
      return [name, { address, checkAddress: all.includes('check') ? `${bracketed}:${checked.port}` : null }] as const;
    }),
  );
}

function hostPort(address: string): { readonly host: string; readonly port: string } {
  const found = /^(.*?):?(\d+)?$/.exec(address.replace(/^ipv[46]@/, ''));
  return { host: found?.[1] ?? address, port: found?.[2] ?? '' };
}

/** The statistics page of a configuration; null where it has none. */
export function statisticsPage(config: string): StatisticsPage | null {
  for (const section of sectionsOf(config)) {
    const [uri] = linesOf(section, 'stats', 'uri');
    const isOn = uri !== undefined || linesOf(section, 'stats', 'enable').length > 0;
    const [port] = portsOf(section);
    if (!isOn || port === undefined) continue;
    const [login] = linesOf(section, 'stats', 'auth');
    return { port, uri: uri?.[0] ?? '/haproxy?stats', login: login?.[0] ?? null };
  }
  return null;
}

/** A place where HAProxy listens with TLS of its own. `files`: certificates or directories of them. */
export interface HaproxyTlsBind {
  readonly section: string;
  readonly host: string;
  readonly port: number;
  readonly files: readonly string[];
}

const NO_TCP = /^(?:\/|unix@|abns@|fd@|sockpair@|quic)/;

/** The `bind` lines of a configuration that have `ssl`; those of sockets that are no TCP are left out. */
export function haproxyTlsBinds(config: string): readonly HaproxyTlsBind[] {
  const sections = sectionsOf(config);
  const base = sections.flatMap((section) => linesOf(section, 'crt-base')).at(-1)?.[0] ?? null;
  return sections.flatMap((section) =>
    linesOf(section, 'bind').flatMap(([addresses = '', ...rest]) => {
      if (!rest.includes('ssl')) return [];
      const files = rest.flatMap((word, index) => (word === 'crt' ? [withBase(rest[index + 1] ?? '', base)] : []));
      return addresses.split(',').flatMap((address) => {
        const [, host = '', port] = /^(?:ipv[46]@|tcp[46]?@)?(.*):(\d+)(?:-\d+)?$/.exec(address) ?? [];
        const isTcp = port !== undefined && !NO_TCP.test(address) && Number(port) > 0 && Number(port) < 65_536;
        return isTcp ? [{ section: section.name, host: host.replace(/^\[|\]$/g, ''), port: Number(port), files }] : [];
      });
    }),
  );
}

/** The files of authorities by which HAProxy verifies its servers and clients, and those of certificates that it shows as a client. */
export function haproxyAuthorities(config: string): readonly string[] {
  const sections = sectionsOf(config);
  const base = sections.flatMap((section) => linesOf(section, 'ca-base')).at(-1)?.[0] ?? null;
  const named = sections.flatMap(({ lines }) =>
    lines.flatMap(({ words }) => words.flatMap((word, at) => (word === 'ca-file' ? [words[at + 1] ?? ''] : []))),
  );
  return [...new Set(named.filter((path) => path !== '').map((path) => withBase(path, base)))];
}

function withBase(file: string, base: string | null): string {
  return file.startsWith('/') || base === null ? file : `${base.replace(/\/$/, '')}/${file}`;
}

/** One row of `show stat`: its fields by the names of the first line (management guide, 9.1 "CSV format"). */
type Row = Readonly<Record<string, string>>;

function rowsOf(csv: string): readonly Row[] {
  const [head = '', ...lines] = csv.split('\n').filter((line) => line.trim() !== '');
  const names = head.replace(/^#\s*/, '').split(',');
  return lines.map((line) => {
    const values = fieldsOf(line);
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
  });
}

/** A field with a comma stands in quotes, and a quote in it is doubled. */
function fieldsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

function statusOf(text: string): HaproxyStatus {
  if (/^UP \d+\/\d+/.test(text)) return 'going_down';
  if (text.startsWith('UP')) return 'up';
  if (/^DOWN \d+\/\d+/.test(text)) return 'coming_up';
  if (text.startsWith('DOWN')) return 'down';
  if (text.startsWith('MAINT')) return 'maintenance';
  if (text.startsWith('DRAIN') || text.startsWith('NOLB')) return 'draining';
  return text === 'no check' ? 'not_checked' : 'unknown';
}

function numberOf(text: string | undefined): number | null {
  return text === undefined || text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
}

function checkText({ check_status: status = '', check_code: code = '' }: Row): string | null {
  const said = status.replace(/^\* /, '');
  if (said === '') return null;
  return code === '' ? said : `${said}/${code}`;
}

function serverOf(row: Row, described: ReadonlyMap<string, Described>): HaproxyServer {
  const name = row['svname'] ?? '';
  const told = row['addr'] ?? '';
  return {
    name,
    address: described.get(name)?.address ?? (told === '' ? null : told),
    checkAddress: described.get(name)?.checkAddress ?? null,
    status: statusOf(row['status'] ?? ''),
    check: checkText(row),
    sinceSeconds: numberOf(row['lastchg']),
    sessions: numberOf(row['scur']) ?? 0,
    queued: numberOf(row['qcur']) ?? 0,
  };
}

/** Ports of a backend are those of the frontends that lead to it. */
function entriesOf(section: Section, all: readonly Section[]): readonly number[] {
  if (section.kind === 'listen') return portsOf(section);
  const leads = all.filter((one) =>
    [...linesOf(one, 'default_backend'), ...linesOf(one, 'use_backend')].some(([name]) => name === section.name),
  );
  return [...new Set(leads.flatMap(portsOf))];
}

/** What HAProxy sees, from its configuration and its `show stat`: the sections that lead to servers, in the configuration's order. */
export function readHaproxy(config: string, csv: string): readonly HaproxySection[] {
  const sections = sectionsOf(config);
  const rows = rowsOf(csv).filter(
    (row) => row['type'] === '2' || !['FRONTEND', 'BACKEND'].includes(row['svname'] ?? ''),
  );
  return sections.flatMap((section, index) => {
    if (section.kind !== 'listen' && section.kind !== 'backend') return [];
    const defaults = sections.slice(0, index).findLast((one) => one.kind === 'defaults');
    const described = serversIn(section);
    const mine = rows.filter((row) => row['pxname'] === section.name);
    if (mine.length === 0) return [];
    const uri = checkOf(section, defaults);
    return [
      {
        name: section.name,
        ports: entriesOf(section, sections),
        check: uri === null ? null : healthPathOf(uri),
        servers: mine.map((row) => serverOf(row, described)),
      },
    ];
  });
}
