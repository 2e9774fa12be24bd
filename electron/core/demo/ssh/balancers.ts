import { BALANCER_SCRIPT_FIRST_LINE, FIELD } from '../../balancers/balancer-script';
import type { MemberState } from '../model/types';
import type { DemoHost } from '../network/network';
import { healthCheck } from '../rest/patroni-status';

/** Whether a script is the one that asks HAProxy and PgBouncer. */
export function isBalancerScript(script: string): boolean {
  return script.startsWith(BALANCER_SCRIPT_FIRST_LINE);
}

const sections = [
  { name: 'primary', port: 5000, path: 'primary' },
  { name: 'replicas', port: 5001, path: 'replica' },
] as const;

/** What the script prints on a simulated server: HAProxy and PgBouncer run on each, and HAProxy's checks are up to date. */
export function balancerAnswer(host: DemoHost): string {
  const parts = {
    'haproxy-file': '/etc/haproxy/haproxy.cfg',
    'haproxy-config': haproxyConfig(host),
    'haproxy-stat': haproxyStat(host),
    ...keepalivedParts(host),
    'pgbouncer-port': '6432',
    'pgbouncer-VERSION': 'version\nPgBouncer 1.24.1\n',
    'pgbouncer-POOLS': pools(host),
    'pgbouncer-DATABASES': rows([
      ['name', 'host', 'port', 'database', 'paused', 'disabled'],
      ['app', '127.0.0.1', '5000', 'app', '0', '0'],
    ]),
    'pgbouncer-STATS': rows([
      ['database', 'avg_xact_count', 'avg_xact_time'],
      ['app', hasPrimary(host) ? '42' : '0', '3100'],
    ]),
  };
  const lines = Object.entries(parts).map(([name, text]) => `${name} ${Buffer.from(text).toString('base64')}`);
  return ['haproxy yes', 'pgbouncer yes', 'keepalived yes', ...lines, ''].join('\n');
}

/** The first server that this one reaches has the virtual address, as it has the highest priority. */
function keepalivedParts({ driver, member }: DemoHost): Readonly<Record<string, string>> {
  const { members } = driver.sim;
  const holds = members.find((one) => reaches(member, one)) === member;
  const vip = member.ip.replace(/\d+$/, '100');
  const config = [
    'vrrp_instance applications {',
    `  priority ${100 - members.indexOf(member)}`,
    `  unicast_peer { ${members.flatMap(({ ip }) => (ip === member.ip ? [] : [ip])).join('\n')} }`,
    `  virtual_ipaddress {\n    ${vip}/24 dev eth0\n  }`,
    '}',
  ];
  const addresses = [member.ip, ...(holds ? [vip] : [])].map((ip) => `2: eth0    inet ${ip}/24 scope global eth0`);
  return {
    'keepalived-config': config.join('\n'),
    'keepalived-log': `${member.name} Keepalived_vrrp[1]: (applications) Entering ${holds ? 'MASTER' : 'BACKUP'} STATE\n`,
    addresses: addresses.join('\n'),
  };
}

function rows(table: readonly (readonly string[])[]): string {
  return `${table.map((row) => row.join(FIELD)).join('\n')}\n`;
}

function haproxyConfig({ driver }: DemoHost): string {
  return sections
    .map(({ name, port, path }) =>
      [
        `listen ${name}`,
        `  bind :${port}`,
        `  option httpchk OPTIONS /${path}`,
        ...driver.sim.members.map((member) => `  server ${member.name} ${member.ip}:5432 check port 8008`),
      ].join('\n'),
    )
    .join('\n');
}

function reaches(from: MemberState, to: MemberState): boolean {
  return to.power && (from === to || (!from.partitioned && !to.partitioned));
}

/** How a check of a member ends, as HAProxy writes it: status, code and what follows from it. */
function checked({ driver, member }: DemoHost, to: MemberState, path: string): readonly [string, string, string] {
  if (member.balancerBlind || !reaches(member, to)) return ['DOWN', 'L4TOUT', ''];
  if (!to.agent) return ['DOWN', 'L4CON', ''];
  if (to.frozen) return ['DOWN', 'L7TOUT', ''];
  return healthCheck(driver.sim, to, path, new URLSearchParams()) ? ['UP', 'L7OK', '200'] : ['DOWN', 'L7STS', '503'];
}

function haproxyStat(host: DemoHost): string {
  const { members } = host.driver.sim;
  const lines = sections.flatMap(({ name, path }) =>
    members.map((member) => {
      const [status, check, code] = checked(host, member, path);
      const sessions = status === 'UP' ? 12 : 0;
      return `${name},${member.name},0,${sessions},${status},,${check},${code},${member.ip}:5432,2`;
    }),
  );
  return ['# pxname,svname,qcur,scur,status,lastchg,check_status,check_code,addr,type', ...lines, ''].join('\n');
}

function hasPrimary(host: DemoHost): boolean {
  return host.driver.sim.members.some((member) => checked(host, member, 'primary')[0] === 'UP');
}

function pools(host: DemoHost): string {
  const isOpen = hasPrimary(host);
  return rows([
    [
      'database',
      'user',
      'cl_active',
      'cl_waiting',
      'sv_active',
      'sv_idle',
      'sv_used',
      'maxwait',
      'maxwait_us',
      'pool_mode',
    ],
    [
      'app',
      'app',
      isOpen ? '12' : '0',
      isOpen ? '0' : '12',
      isOpen ? '3' : '0',
      isOpen ? '5' : '0',
      '0',
      isOpen ? '0' : '2',
      '0',
      'transaction',
    ],
  ]);
}
