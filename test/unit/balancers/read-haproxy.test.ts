import { describe, expect, it } from 'vitest';
import { readHaproxy, statisticsPage } from '../../../electron/core/balancers/read-haproxy';

const HEAD =
  '# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,' +
  'chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,' +
  'check_status,check_code,check_duration,addr';

const row = (proxy: string, server: string, status: string, check = 'L7OK', code = '200', type = 2): string =>
  `${proxy},${server},1,0,4,5,,9,0,0,,0,,0,0,0,0,${status},1,1,0,0,0,73,0,,1,2,1,,9,,${type},0,,1,${check},${code},3,10.0.0.1:5432`;

const csv = (...rows: readonly string[]): string => `${[HEAD, ...rows].join('\n')}\n\n`;

describe("HAProxy's own view", () => {
  it.each([
    ['UP', 'up'],
    ['UP 1/3', 'going_down'],
    ['DOWN', 'down'],
    ['DOWN 1/2', 'coming_up'],
    ['DOWN (agent)', 'down'],
    ['MAINT', 'maintenance'],
    ['MAINT (via b/s)', 'maintenance'],
    ['DRAIN', 'draining'],
    ['NOLB', 'draining'],
    ['no check', 'not_checked'],
    ['something new', 'unknown'],
  ])('of a server whose status is "%s" is read as %s', (text, status) => {
    const [section] = readHaproxy('listen p\n server a 10.0.0.1:5432 check port 8008\n', csv(row('p', 'a', text)));
    expect(section?.servers[0]?.status).toBe(status);
  });

  it('has where each server is and is checked, its last check, its connections, and for how long it is so', () => {
    const [section] = readHaproxy(
      'listen p\n bind *:5000\n option httpchk OPTIONS /primary\n server a 10.0.0.1:5432 check port 8008\n',
      csv(row('p', 'a', 'DOWN', 'L7STS', '503'), row('p', 'BACKEND', 'DOWN', '', '', 1)),
    );
    expect(section).toEqual({
      name: 'p',
      ports: [5000],
      check: '/primary',
      servers: [
        {
          name: 'a',
          address: '10.0.0.1:5432',
          checkAddress: '10.0.0.1:8008',
          status: 'down',
          check: 'L7STS/503',
          sinceSeconds: 73,
          sessions: 4,
          queued: 1,
        },
      ],
    });
  });

  it.each([
    ['option httpchk', '/primary'],
    ['option httpchk /replica', '/replica'],
    ['option httpchk GET /replica?lag=10MB', '/replica?lag=10MB'],
    ['option httpchk OPTIONS /master HTTP/1.1', '/primary'],
    ['option httpchk\n http-check send meth OPTIONS uri /read-write', '/primary'],
    ['option httpchk GET "/replica" # who reads', '/replica'],
    ['option httpchk GET /status.php', null],
    ['option pgsql-check user x', null],
  ])('knows which members it looks for by "%s"', (line, check) => {
    const [section] = readHaproxy(`listen p\n ${line}\n server a 10.0.0.1:5432 check\n`, csv(row('p', 'a', 'UP')));
    expect(section?.check).toBe(check);
  });

  it('takes the check of the defaults that stand before a section, and its own before them', () => {
    const config = [
      'defaults',
      ' option httpchk GET /replica',
      'listen one',
      ' server a 10.0.0.1:5432 check',
      'listen two',
      ' option httpchk GET /primary',
      ' server a 10.0.0.1:5432 check',
    ].join('\n');
    const sections = readHaproxy(config, csv(row('one', 'a', 'UP'), row('two', 'a', 'UP')));
    expect(sections.map(({ check }) => check)).toEqual(['/replica', '/primary']);
  });

  it.each([
    ['server a 10.0.0.1:5432 check port 8008', '10.0.0.1:8008'],
    ['server a 10.0.0.1:5432 check', '10.0.0.1:5432'],
    ['server a 10.0.0.1:5432 check addr 10.1.0.1 port 8008', '10.1.0.1:8008'],
    ['server a [fd00::1]:5432 check port 8008', '[fd00::1]:8008'],
    ['server a ipv6@fd00::1:5432 check port 8008', '[fd00::1]:8008'],
    ['server a db1.example:5432 maxconn 5', null],
    ['default-server inter 1s check port 8008\n server a 10.0.0.1:5432', '10.0.0.1:8008'],
  ])('knows where "%s" is checked', (line, address) => {
    const [section] = readHaproxy(`listen p\n ${line}\n`, csv(row('p', 'a', 'UP')));
    expect(section?.servers[0]?.checkAddress).toBe(address);
  });

  it('gives a backend the ports of the frontends that lead to it', () => {
    const config = [
      'frontend writes',
      ' bind 10.0.0.9:5000,10.0.0.9:6000',
      ' bind [::]:5000 v6only',
      ' default_backend primary',
      'backend primary',
      ' server a 10.0.0.1:5432 check',
    ].join('\n');
    expect(readHaproxy(config, csv(row('primary', 'a', 'UP')))[0]?.ports).toEqual([5000, 6000]);
  });

  it('is nothing where the answer is empty, and survives fields with commas and quotes', () => {
    const config = 'listen p\n server a 10.0.0.1:5432 check\n';
    expect(readHaproxy(config, '')).toEqual([]);
    const quoted = '# pxname,svname,status,check_status,type\np,a,UP,"L7OK, ""fine""",2\n';
    expect(readHaproxy(config, quoted)[0]?.servers[0]?.check).toBe('L7OK, "fine"');
  });
});

describe("HAProxy's statistics page", () => {
  it.each([
    ['listen stats\n bind :7000\n stats enable\n stats uri /', { port: 7000, uri: '/', login: null }],
    ['listen s\n bind *:8404\n stats enable\n stats auth me:it', { port: 8404, uri: '/haproxy?stats', login: 'me:it' }],
    ['frontend f\n bind :80\n', null],
    ['defaults\n stats enable\n', null],
  ])('is found in %j', (config, page) => {
    expect(statisticsPage(config)).toEqual(page);
  });
});
