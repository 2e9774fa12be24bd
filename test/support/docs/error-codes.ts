import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { ErrorFamily } from '../../../shared/model/app-error';

/** One place in the source that makes an error: its code, the sentence and the hint as written there, `…` for what is filled in. */
export interface ErrorPlace {
  readonly code: string;
  readonly message: string | null;
  readonly hint: string | null;
}

/** What makes an error or a refusal from a code and a sentence; `restError` takes the place between the two. */
const MAKERS: ReadonlySet<string> = new Set([
  'appError',
  'restError',
  'refuses',
  'warns',
  'failed',
  'failure',
  'add',
  'fail',
  'refusal',
  'refuse',
  'meaning',
  'unknownEnd',
  'refusesFor',
  'warnsOf',
]);
const ROOTS = ['electron', 'shared', 'renderer'] as const;

function sources(root: string): string[] {
  return ROOTS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

/** The text of a string, a template or a sum of them; null for anything else. */
function textOf(node: ts.Expression | undefined): string | null {
  if (node === undefined) return null;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join('');
  if (ts.isBinaryExpression(node)) return sumText(node);
  if (ts.isConditionalExpression(node)) return textOf(node.whenTrue) ?? textOf(node.whenFalse);
  if (ts.isPropertyAccessExpression(node) && ts.isCallExpression(node.expression)) return textOf(node.expression);
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
    return textOf(node.expression.expression);
  return ts.isArrowFunction(node) && !ts.isBlock(node.body) ? textOf(node.body) : null;
}

function sumText({ left, operatorToken, right }: ts.BinaryExpression): string | null {
  if (operatorToken.kind !== ts.SyntaxKind.PlusToken) return null;
  const texts = [textOf(left), textOf(right)];
  return texts.every((text) => text === null) ? null : texts.map((text) => text ?? '…').join('');
}

function codesIn(node: ts.Expression | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isConditionalExpression(node)) return [...codesIn(node.whenTrue), ...codesIn(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return codesIn(node.right);
  if (ts.isIdentifier(node) && node.text === 'code') return codesIn(constantOf(node));
  return ts.isStringLiteralLike(node) && CODE.test(node.text) ? [node.text] : [];
}

/** What a `const code` of the same block was set to. */
function constantOf(name: ts.Identifier): ts.Expression | undefined {
  let block: ts.Node = name;
  while (!ts.isSourceFile(block) && !ts.isBlock(block)) block = block.parent;
  const declarations = ts.isBlock(block)
    ? block.statements
        .filter(ts.isVariableStatement)
        .flatMap((statement) => [...statement.declarationList.declarations])
    : [];
  return declarations.find((one) => ts.isIdentifier(one.name) && one.name.text === name.text)?.initializer;
}

function property(object: ts.Expression | undefined, names: readonly string[]): string | null {
  if (object === undefined || !ts.isObjectLiteralExpression(object)) return null;
  const found = object.properties.find(
    (one) => ts.isPropertyAssignment(one) && ts.isIdentifier(one.name) && names.includes(one.name.text),
  );
  return found !== undefined && ts.isPropertyAssignment(found) ? textOf(found.initializer) : null;
}

function calledName(called: ts.Expression): string {
  if (ts.isIdentifier(called)) return called.text;
  return ts.isPropertyAccessExpression(called) ? called.name.text : '';
}

function fromCall(call: ts.CallExpression): ErrorPlace[] {
  if (!MAKERS.has(calledName(call.expression))) return [];
  const at = call.arguments.findIndex((argument) => codesIn(argument).length > 0);
  if (at < 0) return [];
  const texts = call.arguments
    .slice(at + 1)
    .filter((argument) => !ts.isObjectLiteralExpression(argument))
    .map(textOf)
    .filter((text) => text !== null);
  const hint =
    call.arguments
      .slice(at + 1)
      .map((argument) => property(argument, ['hint']))
      .find((text) => text !== null) ?? null;
  return codesIn(call.arguments[at]).map((code) => ({
    code,
    message: texts[0] ?? null,
    hint: hint ?? texts[1] ?? null,
  }));
}

/** A table of conditions: `{ code, message or sentence, hint }`. */
function fromObject(object: ts.ObjectLiteralExpression): ErrorPlace[] {
  const code = property(object, ['code']);
  if (code === null || !CODE.test(code)) return [];
  return [
    {
      code,
      message: property(object, ['message', 'sentence', 'cause']),
      hint: property(object, ['hint', 'advice', 'remedy']),
    },
  ];
}

/** A sentence has words; the name of a unit such as `etcd.service` looks like a code and is none. */
const isSentence = (text: string | null): boolean => text !== null && /\s/.test(text);

/** A tuple of a table: `[pattern, code, sentence, hint]`. A list without a sentence makes no error. */
function fromArray(array: ts.ArrayLiteralExpression): ErrorPlace[] {
  const at = array.elements.findIndex((element) => codesIn(element).length > 0);
  if (at < 0 || array.elements.length < 2) return [];
  const texts = array.elements
    .slice(at + 1)
    .map(textOf)
    .filter(isSentence);
  return texts.length === 0
    ? []
    : codesIn(array.elements[at]).map((code) => ({ code, message: texts[0] ?? null, hint: texts[1] ?? null }));
}

/** The places of one file's text. */
export function errorPlacesIn(source: string): ErrorPlace[] {
  const places: ErrorPlace[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) places.push(...fromCall(node));
    else if (ts.isObjectLiteralExpression(node)) places.push(...fromObject(node));
    else if (ts.isArrayLiteralExpression(node)) places.push(...fromArray(node));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.tsx', source, ts.ScriptTarget.Latest, true));
  return places;
}

/** Every place of the source that makes an error. */
export function errorPlaces(root: string): ErrorPlace[] {
  return sources(root).flatMap((file) => errorPlacesIn(readFileSync(file, 'utf8')));
}

const FAMILIES: Readonly<Record<ErrorFamily, string>> = {
  app: 'The app itself',
  ssh: 'SSH: connections, commands, files, tunnels',
  etcd: 'etcd',
  rest: "A member's REST API",
  patroni: 'What Patroni answers, and what the rules foresee of it',
  discover: 'Looking for clusters',
  operation: 'Operations',
  config: 'The dynamic configuration',
  terminal: 'Terminals',
  statistics: 'Charts',
  alert: 'Alerts',
  advice: 'Advice',
  job: 'Jobs',
  inventory: 'The inventory',
  vault: 'The vault',
  deploy: 'Setting up clusters',
  drill: 'Failover drills',
  repair: 'Guided repairs',
  backup: 'Backups',
  upgrade: 'Rolling upgrades',
  demo: 'The demo',
  postgres: 'PostgreSQL',
};

const CODE = new RegExp(`^(${Object.keys(FAMILIES).join('|')})\\.[a-z][a-z0-9_]+$`);

/** In the order of the alphabet, so that moving a file changes nothing. */
function cell(texts: readonly (string | null)[]): string {
  const plain = texts.flatMap((text) =>
    text === null || text.trim() === '' ? [] : [text.replace(/\s+/g, ' ').trim()],
  );
  return [...new Set(plain)]
    .sort()
    .slice(0, 3)
    .map((text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;'))
    .join('<br>');
}

/** docs/errors.md as these places say it, in whichever order they come. */
export function errorPage(places: readonly ErrorPlace[]): string {
  const codes = [...new Set(places.map((place) => place.code))].sort();
  const sections = Object.entries(FAMILIES).flatMap(([family, title]) => {
    const own = codes.filter((code) => code.startsWith(`${family}.`));
    if (own.length === 0) return [];
    const rows = own.map((code) => {
      const here = places.filter((place) => place.code === code);
      return `| \`${code}\` | ${cell(here.map((place) => place.message))} | ${cell(here.map((place) => place.hint))} |`;
    });
    return [`## ${title}\n\n| code | what is said | what to do |\n|---|---|---|\n${rows.join('\n')}\n`];
  });
  return `${HEAD}\n${sections.join('\n')}`;
}

const HEAD = `# Errors

Every error that reaches the page, the history or a log has a code, a sentence that says what happened and where, and
where something can be done a hint. The codes are promises: tests and scripts may rely on them. \`…\` stands for what is
filled in; where one code is used for several sentences, some of them are shown.

This page is read out of the source: \`npx tsx test/support/docs/write-errors.ts\` writes it anew, and a unit test compares.
`;
