import { describe, expect, it } from 'vitest';
import { judgeHbaSection } from '../../../../../shared/rules/configure/hba/judge-hba';
import { matchHba, type ConnectingClient } from '../../../../../shared/rules/configure/hba/match-hba';
import { parseHbaLine, writeHbaRule } from '../../../../../shared/rules/configure/hba/parse-hba';

const anna: ConnectingClient = {
  user: 'anna',
  roles: ['staff'],
  database: 'shop',
  address: '10.1.2.3',
  tls: true,
  replication: false,
};
const server = { addresses: ['10.1.0.11', '2001:db8::11'], version: 170_005 };

/** Rules, what is different of the client, and the verdict: the method, `refused`, or `not known`. */
const cases: readonly (readonly [string, readonly string[], Partial<ConnectingClient>, string])[] = [
  ['no rule refuses', [], {}, 'refused'],
  ['all lets everybody be asked', ['host all all all scram-sha-256'], {}, 'scram-sha-256'],
  ['the first rule that matches decides', ['host all anna all reject', 'host all all all trust'], {}, 'refused'],
  ['another user is another rule', ['host all bob all reject', 'host all all all trust'], {}, 'trust'],
  ['hostssl is for TLS', ['hostssl all all all md5'], {}, 'md5'],
  ['hostssl is not for clear text', ['hostssl all all all md5'], { tls: false }, 'refused'],
  ['hostnossl is for clear text', ['hostnossl all all all md5'], { tls: false }, 'md5'],
  ['hostnossl is not for TLS', ['hostnossl all all all md5'], {}, 'refused'],
  ['hostgssenc is for GSSAPI only', ['hostgssenc all all all gss'], {}, 'refused'],
  ['hostnogssenc is for all others', ['hostnogssenc all all all md5'], {}, 'md5'],
  ['local is for the socket', ['local all all peer'], { address: null, tls: false }, 'peer'],
  ['local is not for the network', ['local all all peer'], {}, 'refused'],
  ['host is not for the socket', ['host all all all trust'], { address: null }, 'refused'],
  ['a network', ['host all all 10.0.0.0/8 md5'], {}, 'md5'],
  ['another network', ['host all all 10.2.0.0/16 md5'], {}, 'refused'],
  ['a mask apart', ['host all all 10.1.0.0 255.255.0.0 md5'], {}, 'md5'],
  ['the whole of IPv4', ['host all all 0.0.0.0/0 md5'], {}, 'md5'],
  ['IPv4 is not IPv6', ['host all all ::/0 md5'], {}, 'refused'],
  ['IPv6', ['host all all 2001:db8::/32 md5'], { address: '2001:db8:0:1::5' }, 'md5'],
  ['another network of IPv6', ['host all all 2001:db8:1::/48 md5'], { address: '2001:db8:2::5' }, 'refused'],
  ['samehost', ['host all all samehost md5'], { address: '10.1.0.11' }, 'md5'],
  ['samehost by loopback', ['host all all samehost md5'], { address: '127.0.0.1' }, 'md5'],
  ['samehost is not for others', ['host all all samehost md5'], {}, 'refused'],
  ['samenet needs the masks of the server', ['host all all samenet md5'], {}, 'not known'],
  ['a name needs the DNS', ['host all all app.example.com md5'], {}, 'not known'],
  ['a name of a rule for another user does not matter', ['host all bob app.example.com md5'], {}, 'refused'],
  ['a list of databases', ['host hr,shop all all md5'], {}, 'md5'],
  ['another database', ['host hr all all md5'], {}, 'refused'],
  ['sameuser', ['host sameuser all all md5'], { database: 'anna' }, 'md5'],
  ['sameuser of another name', ['host sameuser all all md5'], {}, 'refused'],
  ['samerole', ['host samerole all all md5'], { database: 'staff' }, 'md5'],
  ['a quoted keyword is a name', ['host "all" all all md5'], {}, 'refused'],
  ['a quoted name', ['host "shop" "anna" all md5'], {}, 'md5'],
  ['a member of a role', ['host all +staff all md5'], {}, 'md5'],
  ['no member of a role', ['host all +admins all md5'], {}, 'refused'],
  ['a role of which nothing is known', ['host all +admins all md5'], { roles: null }, 'not known'],
  ['a user by a pattern', ['host all /^an all md5'], {}, 'md5'],
  ['another user than the pattern', ['host all /^bo all md5'], {}, 'refused'],
  ['a pattern in quotes', ['host "/^sh" all all md5'], {}, 'md5'],
  ['a pattern with a comma in quotes', ['host "/^s.{2,3}$" all all md5'], {}, 'md5'],
  ['a pattern that means something else here', ['host all "/\\yanna" all md5'], {}, 'not known'],
  ['a mask with holes', ['host all all 10.0.2.0 255.0.255.0 md5'], {}, 'md5'],
  ['a mask with holes elsewhere', ['host all all 10.0.3.0 255.0.255.0 md5'], {}, 'refused'],
  ['a blank before a comma', ['host hr ,anna all md5'], {}, 'refused'],
  ['a blank behind a comma', ['host hr, shop all all md5'], {}, 'md5'],
  ['a pattern that is not quoted', ['host /op$ all all md5'], {}, 'md5'],
  ['replication is not for databases', ['host replication all all md5'], {}, 'refused'],
  ['a standby', ['host replication all all md5'], { replication: true, database: '' }, 'md5'],
  ['all does not let a standby in', ['host all all all md5'], { replication: true, database: '' }, 'refused'],
  ['a database called replication', ['host replication all all md5'], { database: 'replication' }, 'refused'],
  ['a list in a file', ['host @dbs all all md5'], {}, 'not known'],
  ['rules in a file', ['include other.conf', 'host all all all md5'], {}, 'not known'],
  ['a rule that is disabled', ['# host all all all md5'], {}, 'refused'],
  ['a comment at the end', ['host all all all md5 # everybody'], {}, 'md5'],
];

describe('whether a client gets in', () => {
  it.each(cases)('%s', (_name, lines, client, expected) => {
    const verdict = matchHba(lines, { ...anna, ...client }, server);
    const words = { asked: 'method' in verdict ? verdict.method : '', refused: 'refused', not_known: 'not known' };
    expect(words[verdict.kind]).toBe(expected);
  });

  it('the verdict names the rule', () => {
    expect(matchHba(['local all all peer', '', 'host all all 10.0.0.0/8 md5'], anna, server)).toMatchObject({
      line: 2,
    });
  });
});

describe('a rule', () => {
  it.each([
    'host all all 10.0.0.0/8 scram-sha-256',
    'hostssl "my db",shop +staff,"a b" all cert clientcert=verify-full map=m # for the app',
    'local all postgres peer',
    '# host all all 0.0.0.0/0 md5',
    'host all all 10.1.0.0 255.255.0.0 md5',
  ])('is written as it was read: %s', (line) => {
    const rule = parseHbaLine(line);
    expect(rule.kind === 'rule' ? writeHbaRule(rule) : rule.kind).toBe(line);
  });

  it.each([
    ['host all all 10.0.0.0/33 md5', /is not a mask/],
    ['host all all 10.0.0.1 md5', /has no mask/],
    ['host all all 10.0.0 md5', /is not an address/],
    ['host all all all sha', /not a method/],
    ['host all all all peer', /local only/],
    ['host all all all cert', /hostssl only/],
    ['host all all', /names an address/],
    ['hosts all all all md5', /begins with one of/],
    ['host all "a all md5', /quote/],
  ])('%s is refused with the reason', (line, reason) => {
    const read = parseHbaLine(line);
    expect(read.kind === 'bad' ? read.reason : '').toMatch(reason);
  });
});

describe('a list of rules', () => {
  const sentences = (value: unknown) => judgeHbaSection(value).map((one) => `${one.severity}: ${one.sentence}`);

  it('that lets no standby in is an error', () => {
    expect(sentences(['host all all all md5'])).toEqual([expect.stringMatching(/^error: No rule lets a standby in/)]);
    expect(sentences(['host all all all md5', 'host replication r 10.0.0.0/8 md5'])).toEqual([]);
  });

  it('that lets everybody in without a password is warned of', () => {
    const rules = ['host all all 0.0.0.0/0 trust', 'host replication r all md5', 'host all all 127.0.0.1/32 trust'];
    expect(sentences(rules)).toEqual([expect.stringMatching(/^warning: Rule 1 lets everybody in without a password/)]);
  });

  it('with a rule that PostgreSQL does not take is an error that names the rule', () => {
    expect(sentences(['host all all all'])).toEqual([
      expect.stringMatching(/^error: Rule 1: A rule ends with a method/),
    ]);
  });

  it('that is empty is said to be without effect', () => {
    expect(sentences([])).toEqual([expect.stringMatching(/is not applied/)]);
  });
});
