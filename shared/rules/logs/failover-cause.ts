import type { LogRecord } from '../../model/logs/log-record';
import type { ChangeOfLeader } from './failover-change';
import {
  LEADS,
  NEAR_CHANGE_MS,
  tellMissing,
  tellSentence,
  type AccountSentence,
  type FailoverCause,
  type FailoverEvidence,
} from './failover-evidence';

/** Why the old leader lost the lock, in sentences. */
export interface ToldCause {
  readonly cause: FailoverCause;
  readonly sentences: readonly AccountSentence[];
}

interface CauseRule {
  readonly cause: FailoverCause;
  /** Tried on the first line of an entry: statements of users follow it. */
  readonly pattern: RegExp;
  /** Whose words these are: what a session of PostgreSQL says is never taken for a word of the kernel, systemd or Patroni. */
  readonly by: 'postgresql' | 'others';
  /** The entry must be a FATAL or a PANIC: an ERROR ends a statement, not the server. */
  readonly fatal?: boolean;
  readonly says: (leader: string) => string;
  /** What the lines leave open. */
  readonly leaves?: (leader: string) => string;
}

/** The graver and the more certain first: a process that the kernel killed for memory was also "killed". */
const CAUSE_RULES: readonly CauseRule[] = [
  {
    cause: 'manual',
    by: 'others',
    pattern: /received (?:switchover|failover) request|(?:switchover|manual failover): demoting myself/,
    says: (leader) => `Somebody asked for it: ${leader} was asked to give the lock away, and did so in order.`,
  },
  {
    cause: 'out_of_memory',
    by: 'others',
    pattern: /[Oo]ut of memory: Killed process|oom-kill|killed by the OOM killer/,
    says: (leader) => `The kernel of ${leader} ran out of memory and killed a process.`,
  },
  {
    cause: 'disk_full',
    by: 'postgresql',
    fatal: true,
    pattern: /No space left on device|Disk quota exceeded/,
    says: (leader) => `A file system on ${leader} was full, and PostgreSQL could not go on.`,
  },
  {
    cause: 'killed',
    by: 'others',
    pattern: /patroni\S*\.service: (?:Main process exited, code=killed|Failed with result 'signal')/,
    says: (leader) => `Patroni on ${leader} was killed.`,
  },
  {
    cause: 'postgres_crash',
    by: 'postgresql',
    pattern: /LOG: .*\(PID \d+\) was terminated by signal 9\b/,
    says: (leader) => `A process of PostgreSQL on ${leader} was killed by signal 9, which ends all sessions.`,
    leaves: (leader) =>
      'Who sent signal 9 is not said: the kernel does when memory runs out, and so does kill -9. ' +
      `No line of the kernel of ${leader} is among those that were read.`,
  },
  {
    cause: 'postgres_crash',
    by: 'postgresql',
    pattern: /LOG: .*\(PID \d+\) was terminated by|\bPANIC: /,
    says: (leader) => `PostgreSQL on ${leader} crashed.`,
  },
  {
    cause: 'postgres_crash',
    by: 'postgresql',
    fatal: true,
    pattern: /due to unexpected postmaster exit/,
    says: (leader) => `PostgreSQL on ${leader} was no longer running: its own processes missed the first of them.`,
    leaves: (leader) =>
      `There is no last word of PostgreSQL on ${leader}: it was killed from outside, and by whom is not said.`,
  },
  {
    cause: 'postgres_crash',
    by: 'others',
    pattern: /^Postgresql is not running|Primary crashed\. Failing over/,
    says: (leader) => `PostgreSQL on ${leader} was no longer running when Patroni looked.`,
    leaves: (leader) =>
      `There is no last word of PostgreSQL on ${leader}: it was killed from outside, or its own log is not read here.`,
  },
  {
    cause: 'stopped',
    by: 'others',
    pattern:
      /received SIGTERM, shutting down|patroni\S*\.service: (?:Deactivated successfully|Succeeded\.)|Stopping patroni/,
    says: (leader) => `Patroni on ${leader} was stopped in order.`,
  },
];

/** What Patroni says when it does not reach the DCS (patroni/ha.py, patroni/dcs/etcd.py). */
const NO_DCS =
  /DCS is not accessible|Error communicating with DCS|Failed to get list of machines|No more machines in the cluster/;
/** Members look at the DCS every loop_wait, each at its own time. */
const DCS_ROUND_MS = 20_000;
/** What is later than the new leader's word by so much may still be of before: clocks are measured to some milliseconds. */
const BLUR_MS = 2_000;
/** A leader says every loop_wait that it leads; one that says nothing for longer than this has gone silent. */
const SILENT_MS = 15_000;

const firstLine = (record: LogRecord): string => record.text.split('\n', 1)[0] ?? '';

function fits(rule: CauseRule, record: LogRecord): boolean {
  if ((record.service === 'postgresql') !== (rule.by === 'postgresql')) return false;
  if (rule.fatal === true && record.level !== 'fatal') return false;
  return rule.pattern.test(firstLine(record));
}

/** What is known of why, from the lines of the old leader while it led. */
export function findCause(evidence: FailoverEvidence, change: ChangeOfLeader): ToldCause {
  const name = change.from ?? 'The former leader';
  const during = evidence.records.filter(({ at }) => at >= change.begin && at <= change.end + BLUR_MS);
  const own = untilReboot(during.filter((record) => record.member === change.from));
  const wellAt = own.filter((record) => LEADS.test(record.text)).map((record) => record.at);
  // Who went on leading for two rounds after something did not lose the lock by it.
  const mattered = (record: LogRecord): boolean => wellAt.filter((at) => at > record.at).length < 2;
  for (const rule of CAUSE_RULES) {
    const lines = own.filter((record) => fits(rule, record) && mattered(record));
    if (lines.length === 0) continue;
    const open = rule.leaves === undefined ? [] : [tellMissing(rule.leaves(name))];
    return { cause: rule.cause, sentences: [tellSentence(rule.says(name), lines.slice(-3)), ...open] };
  }
  const alone = own.filter((record) => NO_DCS.test(firstLine(record)) && mattered(record));
  if (alone.length > 0) return causeOfDcs(alone, during, change, name);
  return requestElsewhere(evidence, change, during, name) ?? causeOfSilence(evidence, change, own);
}

/** What a server wrote until it was booted again after it had led: what it finds afterwards is no cause. */
function untilReboot(own: readonly LogRecord[]): readonly LogRecord[] {
  const led = own.findLast((record) => LEADS.test(record.text)) ?? own[0];
  const boot = bootOf(led);
  if (led === undefined || boot === null) return own;
  const booted = own.find((record) => record.at > led.at && ![null, boot].includes(bootOf(record)));
  return booted === undefined ? own : own.filter((record) => record.at < booted.at);
}

/** Without the DCS: alone, or as all others. */
function causeOfDcs(
  alone: readonly LogRecord[],
  during: readonly LogRecord[],
  { from, end }: ChangeOfLeader,
  name: string,
): ToldCause {
  const since = (alone[0]?.at ?? end) - DCS_ROUND_MS;
  const others = during.filter(
    (record) => record.member !== from && record.service === 'patroni' && record.at >= since,
  );
  const without = others.filter((record) => NO_DCS.test(firstLine(record)));
  const demoted = alone.filter((record) => /DCS is not accessible/.test(record.text));
  const lines = [...alone.slice(0, 1), ...demoted.slice(0, 1)].filter((one, at, all) => all.indexOf(one) === at);
  if (without.length > 0) {
    const names = [...new Set(without.map((record) => record.member))].join(' and ');
    const text = `The DCS did not answer: neither ${name} nor ${names} reached it, and nobody may lead without it.`;
    return { cause: 'dcs_lost', sentences: [tellSentence(text, [...lines, without[0]])] };
  }
  if (others.length > 0) {
    const text =
      `${name} could not reach the DCS, which the others still reached: ` +
      'it was cut off from them, and may not lead without it.';
    return { cause: 'cut_off', sentences: [tellSentence(text, lines)] };
  }
  return {
    cause: 'dcs_lost',
    sentences: [
      tellSentence(`${name} could not reach the DCS, and may not lead without it.`, lines),
      tellMissing('There are no lines of other members, so whether they reached the DCS is not known.'),
    ],
  };
}

/** Another member was asked, or the recorder saw the request, and the old leader says nothing of its own. */
function requestElsewhere(
  { events, at }: FailoverEvidence,
  { end }: ChangeOfLeader,
  during: readonly LogRecord[],
  name: string,
): ToldCause | null {
  const lines = during.filter(
    (record) =>
      record.service !== 'postgresql' &&
      record.at >= end - NEAR_CHANGE_MS &&
      /received (?:switchover|failover) request/.test(firstLine(record)),
  );
  const asked = events.find(
    (event) => event.kind === 'failover_requested' && Math.abs(event.at - at) <= NEAR_CHANGE_MS,
  );
  if (lines.length === 0 && asked === undefined) return null;
  const text = `Somebody asked for it: ${name} was to give the lock away.`;
  return { cause: 'manual', sentences: [tellSentence(text, lines.slice(-1), [asked])] };
}

/** The kernel's own number of a boot, which stands in the cursor of a journal's entry; null for a line of a file. */
const bootOf = (record: LogRecord | undefined): string | null => /;b=([0-9a-f]+)/.exec(record?.id ?? '')?.[1] ?? null;

/** The old leader said nothing of why: silence has causes too. */
function causeOfSilence(evidence: FailoverEvidence, change: ChangeOfLeader, own: readonly LogRecord[]): ToldCause {
  const { from, end } = change;
  const name = from ?? 'the former leader';
  const last = own.filter((record) => record.at <= end).at(-1);
  if (last === undefined)
    return unknown(`There are no lines of ${name} from before the change, so why it lost the lock is not known.`);
  const after = evidence.records.find((record) => record.member === from && record.at > Math.max(end, last.at));
  const lost = evidence.events.find(
    (event) => event.kind === 'ssh_lost' && event.member === from && Math.abs(event.at - end) <= NEAR_CHANGE_MS,
  );
  const [before, now] = [bootOf(last), bootOf(after)];
  if (before !== null && now !== null && before !== now)
    return powerCut(
      `${name} went silent without a last word, and its server was booted afterwards: it had lost its power or was reset.`,
      [last, after],
      lost,
    );
  if (lost !== undefined || wasUnreached(evidence, change))
    return powerCut(
      `${name} went silent without a last word, and its server was not reached either: it lost its power, or its network.`,
      [last],
      lost,
      after === undefined ? `Which of the two it was, its lines will say when ${name} is reached again.` : undefined,
    );
  if (end - last.at > SILENT_MS && after !== undefined)
    return {
      cause: 'cut_off',
      sentences: [
        tellSentence(`${name} wrote nothing for a while and then went on: it stood still, or was cut off.`, [
          last,
          after,
        ]),
      ],
    };
  return unknown(`The lines of ${name} from before the change do not say why it lost the lock.`);
}

const unknown = (text: string): ToldCause => ({ cause: 'unknown', sentences: [tellMissing(text)] });

function powerCut(
  text: string,
  lines: readonly (LogRecord | undefined)[],
  lost: FailoverEvidence['events'][number] | undefined,
  open?: string,
): ToldCause {
  const more = open === undefined ? [] : [tellMissing(open)];
  return { cause: 'power_cut', sentences: [tellSentence(text, lines, [lost]), ...more] };
}

/** Whether the app itself did not reach the server when the lock changed hands. */
function wasUnreached({ gaps }: FailoverEvidence, { from, end }: ChangeOfLeader): boolean {
  return gaps.some(
    (gap) => gap.member === from && gap.cause === 'cut_off' && gap.from <= end && (gap.to ?? Infinity) >= end,
  );
}
