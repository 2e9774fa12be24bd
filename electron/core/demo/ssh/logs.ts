import { LOG_SCRIPT_NAMES } from '../../logs/log-scripts';
import type { Undo } from '../../../../shared/model/undo';
import type { SimLogLine, SimProgram } from '../model/types';
import type { DemoHost } from '../network/network';
import type { ExecOutcome } from './exec-outcome';

/** How often a follower looks for new lines, and says that it lives; ms. */
const LOOK_MS = 250;
const BEAT_MS = 5_000;

const PRIORITIES: Readonly<Record<SimLogLine['level'], string>> = { INFO: '6', WARNING: '4', ERROR: '3' };

const done = (stdout: string): ExecOutcome => ({ code: 0, stdout, stderr: '' });

/** What the scripts that read logs print on a simulated server; null where it is none of them. */
export function answerLogScript(host: DemoHost, script: string, args: readonly string[]): ExecOutcome | null {
  const is = (name: keyof typeof LOG_SCRIPT_NAMES): boolean => script.startsWith(LOG_SCRIPT_NAMES[name]);
  if (is('sources')) return done(['zone\t+0000', ...units(host).map((unit) => `unit\t${unit}`), 'end\n'].join('\n'));
  if (is('journal')) return done(journalPart(host, args));
  if (is('file')) return done('');
  return is('follow') ? followed(host, args) : null;
}

const units = ({ member }: DemoHost): readonly string[] => [
  'patroni.service',
  ...(member.hasEtcd ? ['etcd.service'] : []),
];

const cursorOf = (line: SimLogLine): string => `s=demo;i=${line.number.toString(16)}`;

/** PostgreSQL's lines stand in Patroni's unit, which started it. */
const unitOf = (program: SimProgram): string => (program === 'etcd' ? 'etcd.service' : 'patroni.service');

/** A program's line in its own form. */
function messageOf(line: SimLogLine): string {
  const time = new Date(line.at).toISOString();
  const plain = time.replace('T', ' ').replace('Z', '');
  switch (line.program) {
    case 'patroni':
      return `${plain.replace('.', ',')} ${line.level}: ${line.text}`;
    case 'postgresql':
      return `${plain} UTC [1203] ${line.text}`;
    case 'etcd':
      return JSON.stringify({
        level: line.level === 'INFO' ? 'info' : 'warn',
        ts: time,
        caller: 'demo',
        msg: line.text,
      });
    case 'systemd':
      return line.text.replace(/^patroni\.service: /, '');
  }
}

function journalLine(line: SimLogLine): string {
  const unit = unitOf(line.program);
  const whose = line.program === 'systemd' ? { UNIT: unit, _PID: '1' } : { _SYSTEMD_UNIT: unit, _PID: '812' };
  const entry = {
    __CURSOR: cursorOf(line),
    __REALTIME_TIMESTAMP: String(Math.round(line.at * 1000)),
    MESSAGE: messageOf(line),
    PRIORITY: PRIORITIES[line.level],
    ...whose,
  };
  return `${JSON.stringify(entry)}\n`;
}

function journalPart({ member }: DemoHost, [from = '', until = '', most = '']: readonly string[]): string {
  const isIn = (line: SimLogLine): boolean =>
    (from === '' || line.at >= Number(from) * 1000) && (until === '' || line.at <= Number(until) * 1000);
  return member.log.filter(isIn).slice(-Number(most)).reverse().map(journalLine).join('');
}

function followed(host: DemoHost, [cursor = '', first = '']: readonly string[]): ExecOutcome {
  const known = host.member.log.find((line) => cursorOf(line) === cursor)?.number;
  let last = known ?? (host.member.log.at(-Number(first)) ?? host.member.log[0])?.number ?? 1;
  if (known === undefined) last -= 1;
  const fresh = (): string => {
    const lines = host.member.log.filter((line) => line.number > last);
    last = lines.at(-1)?.number ?? last;
    return lines.map(journalLine).join('');
  };
  const beat = (): string => `@beat\t${(host.driver.sim.now / 1000).toFixed(3)}\n`;
  const gone = cursor !== '' && known === undefined ? '@cursor\tgone\n' : '';
  return {
    code: 0,
    stdout: `@zone\t+0000\n${units(host)
      .map((unit) => `@unit\t${unit}\n`)
      .join('')}${gone}${beat()}`,
    stderr: fresh(),
    follow: (write): Undo => {
      const look = setInterval(() => {
        host.driver.catchUp();
        write('', fresh());
      }, LOOK_MS);
      const beats = setInterval(() => write(beat(), ''), BEAT_MS);
      return () => {
        clearInterval(look);
        clearInterval(beats);
      };
    },
  };
}
