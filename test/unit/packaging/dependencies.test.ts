import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface PackageFile {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const readPackage = (path: string): PackageFile => JSON.parse(readFileSync(join(root, path), 'utf8')) as PackageFile;

const project = readPackage('package.json');
const named = Object.keys({ ...project.dependencies, ...project.devDependencies });

/** Packages that nothing imports yet, each with why it stays. */
const kept: Readonly<Record<string, string>> = {};

/** Everything that could name a package: code, styles, and what npm and the tests run. */
const texts = [
  ...['shared', 'electron', 'renderer', 'test', 'assets'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|tsx|mjs|cjs|css|html)$/.test(path) && !/^results\//.test(path))
      .map((path) => join(root, folder, path)),
  ),
  join(root, 'eslint.config.js'),
]
  .filter((path) => path !== fileURLToPath(import.meta.url))
  .map((path) => readFileSync(path, 'utf8'));

const commands = Object.values(project.scripts ?? {}).join('\n');

/** The programs of a package, by which a script runs it. */
function programsOf(name: string): readonly string[] {
  const { bin = {} } = readPackage(`node_modules/${name}/package.json`);
  return typeof bin === 'string' ? [name.replace(/^.*\//, '')] : Object.keys(bin);
}

/** `@types/ws` types `ws`, `@types/node` what is built in. */
function typedBy(name: string): string | null {
  return name.startsWith('@types/') ? name.slice('@types/'.length) : null;
}

function isUsed(name: string): boolean {
  const typed = typedBy(name);
  if (typed !== null) return typed === 'node' || named.includes(typed);
  const imported = new RegExp(`(from|import|import\\(|require\\(|resolve\\(|mock\\()\\s*['"]${name}(/[^'"]*)?['"]`);
  const environment = `@vitest-environment ${name}\n`;
  const runs = programsOf(name).map((program) => new RegExp(`(^|\\s|&& )${program}( |$)|bin\\('${program}'\\)`, 'm'));
  return (
    texts.some((text) => imported.test(text) || text.includes(environment)) ||
    runs.some((run) => [commands, ...texts].some((text) => run.test(text)))
  );
}

describe('the packages of package.json', () => {
  it('are each imported by something or run by a script', () => {
    expect(named.filter((name) => !isUsed(name) && kept[name] === undefined)).toEqual([]);
  });

  it('has no exception for a package that is used or that is gone', () => {
    expect(Object.keys(kept).filter((name) => isUsed(name) || !named.includes(name))).toEqual([]);
  });

  it('would be missed when nothing named them', () => {
    expect(isUsed('kleur')).toBe(false);
  });
});
