import type { ConfigIssue } from '../config-issue';
import { isInNetwork, readIp } from '../../connect/ip-address';
import { parseHbaLine, type HbaRule } from './parse-hba';

const PATH = ['postgresql', 'pg_hba'] as const;

function issue(index: number | null, severity: ConfigIssue['severity'], sentence: string, advice: string): ConfigIssue {
  return { path: index === null ? PATH : [...PATH, String(index)], severity, sentence, advice };
}

function isWorld({ address }: HbaRule): boolean {
  return address.kind === 'all' || (address.kind === 'network' && address.prefix === 0);
}

function isLoopback({ address }: HbaRule): boolean {
  const ip = address.kind === 'network' ? readIp(address.address) : null;
  const own = ip?.bits === 128 ? readIp('::1') : readIp('127.0.0.0');
  return ip !== null && own !== null && address.kind === 'network' && isInNetwork(ip, own, ip.bits === 128 ? 128 : 8);
}

function judgeRule(rule: HbaRule, index: number): readonly ConfigIssue[] {
  if (rule.disabled) return [];
  if (rule.method === 'trust' && rule.type !== 'local' && !isLoopback(rule))
    return [
      issue(
        index,
        'warning',
        `Rule ${index + 1} lets ${isWorld(rule) ? 'everybody' : rule.addressText} in without a password.`,
        'Use scram-sha-256, or cert.',
      ),
    ];
  if (rule.method === 'password' && rule.type !== 'hostssl')
    return [
      issue(index, 'warning', `Rule ${index + 1} takes passwords in clear text.`, 'Use scram-sha-256, or hostssl.'),
    ];
  return [];
}

/** What is wrong with the list `postgresql.pg_hba`; nothing where it is not set. */
export function judgeHbaSection(value: unknown): readonly ConfigIssue[] {
  if (value === undefined) return [];
  if (!Array.isArray(value))
    return [issue(null, 'error', 'pg_hba must be a list of rules.', 'Write one rule per entry.')];
  if (value.length === 0)
    return [
      issue(
        null,
        'warning',
        'An empty pg_hba is not applied: Patroni leaves the file as it is.',
        'Add rules, or remove pg_hba.',
      ),
    ];
  const lines = value.map((one) => (typeof one === 'string' ? one : ''));
  const issues = value.flatMap((one, index) => {
    if (typeof one !== 'string') return [issue(index, 'error', `Rule ${index + 1} is not text.`, 'Put it in quotes.')];
    const line = parseHbaLine(one);
    if (line.kind === 'bad')
      return [
        issue(
          index,
          'error',
          `Rule ${index + 1}: ${line.reason} PostgreSQL would keep the rules it has, and not start again.`,
          'Correct the rule.',
        ),
      ];
    return line.kind === 'rule' ? judgeRule(line, index) : [];
  });
  return issues.some(({ severity }) => severity === 'error') ? issues : [...issues, ...judgeReplication(lines)];
}

/** Without a rule for replication no standby can stream after its next connection. */
function judgeReplication(lines: readonly string[]): readonly ConfigIssue[] {
  const hasRule = lines.some((text) => {
    const line = parseHbaLine(text);
    return (
      line.kind === 'include' ||
      (line.kind === 'rule' &&
        !line.disabled &&
        line.method !== 'reject' &&
        line.type !== 'local' &&
        line.databases.some((word) => !word.quoted && word.text === 'replication'))
    );
  });
  return hasRule
    ? []
    : [
        issue(
          null,
          'error',
          'No rule lets a standby in for replication over the network: replicas would stop following the leader.',
          'Add: host replication <user> <network> scram-sha-256.',
        ),
      ];
}
