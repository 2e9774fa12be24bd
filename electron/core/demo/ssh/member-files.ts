import { createHash } from 'node:crypto';
import { BACKUP_SUFFIX } from '../../../../shared/model/configure/member-file';
import { readYaml } from '../../../../shared/rules/configure/yaml/read-yaml';
import { valueAt } from '../../../../shared/rules/configure/config-patch';
import { NOTE_READ_FIRST_LINE } from '../../deploy/resources/scripted/note-read';
import { MEMBER_FILE_EXIT, MEMBER_FILE_SCRIPTS } from '../../member-files/member-file-scripts';
import { ownConfig, reloadOwnFile } from '../model/own-file';
import type { DemoHost } from '../network/network';
import type { ExecCall } from './exec-call';
import type { ExecOutcome } from './exec-outcome';
import { virtualFiles } from './virtual-files';

type Answer = (host: DemoHost, args: readonly string[], stdin: Buffer) => ExecOutcome;

const done = (stdout: string): ExecOutcome => ({ code: 0, stdout, stderr: '' });
const failed = (code: number): ExecOutcome => ({ code, stdout: '', stderr: '' });

/** What the scripts for a member's own file print on a simulated server; null for another script. */
export function answerMemberFileScript(host: DemoHost, script: string, call: ExecCall): ExecOutcome | null {
  const [, answer] = ANSWERS.find(([first]) => script.startsWith(first)) ?? [];
  return answer?.(host, call.argv.slice(1), Buffer.from(call.stdin)) ?? null;
}

const ANSWERS: readonly (readonly [string, Answer])[] = [
  [MEMBER_FILE_SCRIPTS.look, look],
  [MEMBER_FILE_SCRIPTS.check, check],
  [MEMBER_FILE_SCRIPTS.place, place],
  [
    MEMBER_FILE_SCRIPTS.reload,
    (host) => {
      reloadOwnFile(host.driver.sim, host.member);
      return done('');
    },
  ],
  [NOTE_READ_FIRST_LINE, () => done('')],
];

function look(host: DemoHost, paths: readonly string[]): ExecOutcome {
  const files = virtualFiles(host);
  return done(
    paths
      .map((path) => `postgres:postgres 600 ${files[`${path}${BACKUP_SUFFIX}`] === undefined ? 'no' : 'yes'}\n`)
      .join(''),
  );
}

/** What Patroni cannot be without (patroni/validator.py). */
const NEEDED: readonly (readonly string[])[] = [
  ['name'],
  ['scope'],
  ['restapi', 'connect_address'],
  ['restapi', 'listen'],
  ['postgresql', 'authentication', 'replication', 'username'],
  ['postgresql', 'authentication', 'superuser', 'username'],
  ['postgresql', 'connect_address'],
  ['postgresql', 'data_dir'],
  ['postgresql', 'listen'],
];

function complaintsOf(text: string): readonly string[] {
  const config = ownConfig(text);
  if (readYaml(text).kind === 'refused') return ['yaml.scanner.ScannerError: while scanning a simple key'];
  const missing = NEEDED.filter((path) => valueAt(config, path) === undefined);
  const listen = ['restapi', 'postgresql'].flatMap((section) => {
    const address = String(valueAt(config, [section, 'connect_address']) ?? '');
    return /^(127\.0\.0\.1|0\.0\.0\.0|localhost|\*)(:|$)/.test(address)
      ? [`${section}.connect_address ${address} didn't pass validation: '"${address}"' must not contain localhost`]
      : [];
  });
  return [...missing.map((path) => `${path.join('.')}  is not defined.`), ...listen];
}

function check(host: DemoHost, [path = '', , , size]: readonly string[], stdin: Buffer): ExecOutcome {
  const before = virtualFiles(host)[path];
  if (before === undefined) return failed(MEMBER_FILE_EXIT.missing);
  const after = stdin.subarray(0, Number(size)).toString('utf8');
  const lines = [
    ...complaintsOf(before).map((line) => `before ${line}`),
    ...complaintsOf(after).map((line) => `after ${line}`),
  ];
  return done([...lines, 'end', ''].join('\n'));
}

function shaOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function place(host: DemoHost, args: readonly string[], stdin: Buffer): ExecOutcome {
  const [path = '', , before, kept = BACKUP_SUFFIX] = args;
  const present = virtualFiles(host)[path];
  if (present === undefined) return failed(MEMBER_FILE_EXIT.missing);
  if (shaOfText(present) !== before) return failed(MEMBER_FILE_EXIT.changed);
  const text = stdin.toString('utf8');
  host.putFile?.(path, text);
  host.putFile?.(`${path}${kept}`, present);
  host.member.ownFile = { text, kept: { ...host.member.ownFile?.kept, [kept]: present } };
  return done(`${shaOfText(text)}\n`);
}
