import { createHash } from 'node:crypto';
import { catalogue } from './catalogue';

/** What lies at a path of a simulated server. */
export interface MachinePath {
  readonly kind: 'file' | 'directory';
  readonly content: string;
  readonly owner: string;
  readonly group: string;
  /** Permission bits. */
  readonly mode: number;
}

/** What a unit is set to. Whether Patroni and etcd run is the simulated cluster's to say; `active` counts for the others. */
export interface MachineUnit {
  readonly enabled: 'enabled' | 'disabled' | 'masked';
  readonly active: boolean;
}

const everybodys = ['root', 'daemon', 'www-data', 'nobody'];

/** A simulated server on which nothing is set up yet: a small file system, packages, users and units. */
export class Machine {
  readonly paths = new Map<string, MachinePath>();
  readonly packages = new Map<string, string>();
  readonly users = new Set(everybodys);
  readonly groups = new Set(everybodys);
  readonly units = new Map<string, MachineUnit>();
  /** What each unit's configuration was when it last read it, by state directory and unit. */
  readonly stamps = new Map<string, { readonly files: readonly string[]; readonly sum: string }>();
  /** What installations brought, by state directory. */
  readonly made = new Map<string, Readonly<Record<'packages' | 'users' | 'groups', readonly string[]>>>();
  /** ms; null before the lists were first fetched. */
  listsFetchedAt: number | null = null;
  /** Nothing leads from this server to the package source. */
  offline = false;

  constructor(
    readonly name: string,
    readonly ip: string,
  ) {
    this.packages.set('iproute2', catalogue.iproute2?.version ?? '');
  }

  text(path: string): string | null {
    const found = this.paths.get(path);
    return found?.kind === 'file' ? found.content : null;
  }

  /** Puts a file in its place, with the directories above it; `backup` keeps what was there, once. */
  putFile(path: string, file: Omit<MachinePath, 'kind'>, backup = ''): void {
    const before = this.paths.get(path);
    if (backup !== '' && before !== undefined && !this.paths.has(backup)) this.paths.set(backup, before);
    this.makeDirectory(parentOf(path), 'root', 'root', 0o755);
    this.paths.set(path, { kind: 'file', ...file });
  }

  /** Makes a directory with those above it; one that is there keeps its owner. */
  makeDirectory(path: string, owner: string, group: string, mode: number): void {
    if (path === '/' || this.paths.has(path)) return;
    this.makeDirectory(parentOf(path), 'root', 'root', 0o755);
    this.paths.set(path, { kind: 'directory', content: '', owner, group, mode });
  }

  /** Makes a directory, or gives one that is there another owner and mode. */
  ownDirectory(path: string, owner: string, group: string, mode: number): void {
    this.makeDirectory(parentOf(path), 'root', 'root', 0o755);
    this.paths.set(path, { kind: 'directory', content: '', owner, group, mode });
  }

  /** Takes a path away with all below it. */
  remove(path: string): void {
    for (const one of [...this.paths.keys()]) if (one === path || one.startsWith(`${path}/`)) this.paths.delete(one);
  }

  /** Takes away directories that have nothing in them. */
  removeEmptyDirectories(): void {
    for (const [path, { kind }] of [...this.paths].sort(([a], [b]) => b.length - a.length))
      if (kind === 'directory' && this.isEmpty(path)) this.paths.delete(path);
  }

  /** Whether a directory has nothing in it. */
  isEmpty(path: string): boolean {
    return ![...this.paths.keys()].some((one) => one.startsWith(`${path}/`));
  }

  unit(name: string): MachineUnit | null {
    return this.hasUnit(name) ? (this.units.get(name) ?? { enabled: 'disabled', active: false }) : null;
  }

  setUnit(name: string, change: Partial<MachineUnit>): void {
    this.units.set(name, { ...(this.units.get(name) ?? { enabled: 'disabled', active: false }), ...change });
  }

  /** Remembers what a unit has read. */
  stamp(state: string, unit: string, files: readonly string[]): void {
    this.stamps.set(`${state} ${unit}`, { files, sum: this.#sum(files) });
  }

  /** Whether a unit has read what its files say now; null where it was never started by a deployment. */
  isFresh(state: string, unit: string): boolean | null {
    const known = this.stamps.get(`${state} ${unit}`);
    return known === undefined ? null : known.files.length > 0 && known.sum === this.#sum(known.files);
  }

  hasUnit(name: string): boolean {
    return [...this.packages.keys()].some((one) => catalogue[one]?.unit === name);
  }

  #sum(files: readonly string[]): string {
    const hash = createHash('sha256');
    for (const path of files) hash.update(`${path}\0${this.text(path) ?? ''}\0`);
    return hash.digest('hex');
  }
}

/** The directory a path lies in. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
