/**
 * `npm run exports`: fails when two files export the same name for different things, and when nothing imports a value that is exported.
 * An exported type may stand alone: it is there for who reads the function that takes it. Folders given as
 * arguments are read; all of the project's without any.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const usual = ['shared', 'electron', 'renderer', 'test'];
const program = /(?<!\.d)\.(ts|tsx|mjs)$/;

/** Programs that are run or loaded by name: by npm, a bundler, vitest or Electron. What they export has no importer here. */
const entries = /(^|\/)([\w-]+\.config|run[\w-]*|check-[\w-]+|main|[\w-]+-main)\.(ts|mjs)$|\.(test|bench)\.tsx?$/;

/** What stands in for a package that the code imports by its name: whoever imports that package imports it. */
const standIns = /electron-double\.ts$/;

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && program.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/(^|\/)(node_modules|dist|results)\//.test(path));
}

function readFile(path) {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const imported = new Set(
    source.statements.flatMap((statement) =>
      ts.isImportDeclaration(statement) ? namesOf(statement.importClause) : [],
    ),
  );
  return {
    path,
    exports: [...new Set(source.statements.flatMap((statement) => exportedBy(statement, imported)))],
    values: source.statements.filter((statement) => !isType(statement)).flatMap((one) => exportedBy(one, imported)),
    uses: usesIn(source),
  };
}

function isType(statement) {
  return ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) || statement.isTypeOnly === true;
}

function namesOf(clause) {
  const bindings = clause?.namedBindings;
  if (bindings === undefined || ts.isNamespaceImport(bindings)) return [];
  return bindings.elements.map((element) => element.name.text);
}

/** The names a statement exports of things that are made in its own file: what is passed on is another file's. */
function exportedBy(statement, imported) {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    if (statement.moduleSpecifier !== undefined || clause === undefined || !ts.isNamedExports(clause)) return [];
    return clause.elements
      .filter((element) => !imported.has((element.propertyName ?? element.name).text))
      .map((element) => element.name.text);
  }
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  const has = (kind) => modifiers.some((modifier) => modifier.kind === kind);
  if (!has(ts.SyntaxKind.ExportKeyword) || has(ts.SyntaxKind.DefaultKeyword)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap((one) => bound(one.name));
  return statement.name === undefined ? [] : [statement.name.text];
}

function bound(name) {
  return ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((element) => (element.name ? bound(element.name) : []));
}

/** What a file takes from others: a path as written, and the names; null for all that is there. */
function usesIn(source) {
  const uses = [];
  const visit = (node) => {
    const from = sourceOf(node);
    if (from !== null) uses.push({ from, names: takenBy(node) });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return uses;
}

function sourceOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier?.text ?? null;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal.text;
  const dynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return dynamic && ts.isStringLiteralLike(node.arguments[0]) ? node.arguments[0].text : null;
}

function takenBy(node) {
  if (ts.isImportDeclaration(node)) {
    const bindings = node.importClause?.namedBindings;
    if (bindings === undefined) return [];
    return ts.isNamespaceImport(bindings) ? null : originals(bindings);
  }
  const clause = ts.isExportDeclaration(node) ? node.exportClause : undefined;
  return clause !== undefined && ts.isNamedExports(clause) ? originals(clause) : null;
}

function originals(list) {
  return list.elements.map((element) => (element.propertyName ?? element.name).text);
}

function targetOf(file, from, known) {
  if (!from.startsWith('.')) return null;
  const base = resolve(dirname(file), from);
  return ['', '.ts', '.tsx', '.mjs', '/index.ts'].map((end) => base + end).find((path) => known.has(path)) ?? null;
}

/** Each name that several files export for things of their own, with the files. A stand-in has the names of its package. */
function duplicatesIn(files) {
  const places = new Map();
  for (const { path, exports } of files.filter((file) => !standIns.test(file.path)))
    for (const name of exports) places.set(name, [...(places.get(name) ?? []), path]);
  return [...places]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `error: ${name} is exported by ${paths.toSorted().join(', ')}`);
}

/** Each value that is exported and that no other file takes. */
function unusedIn(files) {
  const known = new Set(files.map((file) => resolve(file.path)));
  const taken = new Map();
  for (const { path, uses } of files)
    for (const { from, names } of uses) {
      const target = targetOf(path, from, known);
      if (target !== null) taken.set(target, [...(taken.get(target) ?? []), names]);
    }
  const isTaken = (path, name) =>
    (taken.get(resolve(path)) ?? []).some((names) => names === null || names.includes(name));
  return files
    .filter(({ path }) => !entries.test(path) && !standIns.test(path))
    .flatMap(({ path, values }) =>
      values.filter((name) => !isTaken(path, name)).map((name) => `error: nothing imports ${name} of ${path}`),
    );
}

const folders = process.argv.length > 2 ? process.argv.slice(2) : usual;
const files = folders.flatMap(filesIn).map((path) => readFile(relative('.', path)));
const faults = [...duplicatesIn(files), ...unusedIn(files)].toSorted();
for (const fault of faults) console.error(fault);
console.log(`${files.length} files, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
