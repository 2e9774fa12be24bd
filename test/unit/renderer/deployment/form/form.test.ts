import { describe, expect, it } from 'vitest';
import {
  draftOf,
  emptyForm,
  formOfDraft,
  draftTitle,
  type DeployForm,
} from '../../../../../renderer/deployment/form/form';
import { problemsOf, problemsOn, stepOf } from '../../../../../renderer/deployment/form/problems';
import {
  withFacts,
  withName,
  withServer,
  withServers,
  withTags,
  withoutServer,
} from '../../../../../renderer/deployment/form/servers';
import type { Server } from '../../../../../shared/model/connect/server';

const server = (id: string, host = `10.0.0.${id}`): Server => ({
  id,
  name: host,
  host,
  port: 22,
  user: 'root',
  auth: { kind: 'agent' },
  sudo: { kind: 'root' },
  jump: [],
  tags: [],
});
const formWith = (...ids: readonly string[]): DeployForm =>
  withServers(
    emptyForm(),
    ids.map((id) => server(id)),
  );
const names = (form: DeployForm) => form.spec.servers.map((one) => one.name);

describe('the form of a set-up', () => {
  it('a draft keeps the form of a set-up, without the passwords that were typed', () => {
    const form = formWith('11', '12', '13');
    const typed = {
      ...form,
      entry: { lines: 'root@x', fields: { ...form.entry.fields, secret: 'hunter2', sudoPassword: 'hunter3' } },
    };
    const kept = JSON.stringify(draftOf(typed));
    expect(kept).not.toContain('hunter');
    const again = formOfDraft(JSON.parse(kept));
    expect(again).toEqual({ ...typed, entry: { lines: 'root@x', fields: { ...form.entry.fields } } });
  });

  it('a draft also keeps a form without servers or a scope', () => {
    const form = { ...emptyForm(), spec: { ...emptyForm().spec, scope: '' } };
    expect(formOfDraft(JSON.parse(JSON.stringify(draftOf(form))))?.spec.scope).toBe('');
    expect(draftTitle(form.spec)).toBe('Unnamed');
  });

  it.each([null, 'text', 17, {}, { spec: {} }, { spec: { version: 2 } }])(
    'an unreadable draft is treated as missing: %j',
    (draft) => {
      expect(formOfDraft(draft)).toBeNull();
    },
  );

  it('a member keeps streaming from a server that is renamed in the form', () => {
    const form = withTags(formWith('11', '12', '13'), '13', { nofailover: true, replicatefrom: 'db2' });
    expect(withName(form, '12', 'beta').spec.servers.map((one) => one.tags)).toEqual([
      {},
      {},
      { nofailover: true, replicatefrom: 'beta' },
    ]);
    expect(withName(form, '11', 'alpha').spec.servers.map((one) => one.tags.replicatefrom)).toEqual([
      undefined,
      undefined,
      'db2',
    ]);
  });

  it('added servers get names that are free, and the same server is added once', () => {
    const form = withServers(formWith('11', '12'), [
      server('12'),
      server('13', 'pg.example.net'),
      server('14', 'pg.example.org'),
    ]);
    expect(names(form)).toEqual(['db1', 'db2', 'pg', 'pg-2']);
  });

  it('an inspection fills in the host name and a usable address, but never replaces a name that was typed', () => {
    const seen = { hostname: 'alpha.example.net', addresses: ['127.0.0.1', '10.0.0.11'] };
    expect(names(withFacts(formWith('11'), '11', seen))).toEqual(['alpha']);
    expect(names(withFacts(withName(formWith('11'), '11', 'mine'), '11', seen))).toEqual(['mine']);
    const byName = withFacts(withServers(emptyForm(), [server('a', 'db.example.net')]), 'a', seen);
    expect(byName.spec.servers[0]?.address).toBe('10.0.0.11');
  });

  it('a server that is reached through a local port gets the address by which the others reach it', () => {
    const seen = { hostname: 'alpha', addresses: ['127.0.0.1', '10.0.0.11'] };
    const form = withFacts(withServers(emptyForm(), [server('a', '127.0.0.1')]), 'a', seen);
    expect(form.spec.servers[0]?.address).toBe('10.0.0.11');
  });

  it('two servers with the same host name get different names', () => {
    const seen = { hostname: 'debian', addresses: [] };
    const form = withFacts(withFacts(formWith('11', '12'), '11', seen), '12', seen);
    expect(names(form)).toEqual(['debian', 'debian-2']);
  });

  it('the first leader stays chosen when its server is renamed, and is cleared when it is removed', () => {
    const form = formWith('11', '12');
    const led = { ...form, spec: { ...form.spec, firstLeader: 'db2' } };
    expect(withName(led, '12', 'two').spec.firstLeader).toBe('two');
    expect(withoutServer(led, '12').spec.firstLeader).toBeUndefined();
  });

  it('servers get default roles until roles are chosen; chosen roles stay when servers are added', () => {
    expect(formWith('11', '12', '13').spec.servers.map((one) => one.roles.includes('etcd'))).toEqual([
      true,
      true,
      true,
    ]);
    const chosen = { ...formWith('11', '12', '13'), rolesChosen: true };
    const grown = withServers(chosen, [server('14')]);
    expect(grown.spec.servers[3]?.roles).toEqual(['postgres', 'haproxy', 'pgbouncer']);
  });
});

describe('problems of the form', () => {
  it('each problem of the form is shown on the step where it is corrected', () => {
    const form = formWith('11', '12', '13');
    const even = {
      ...form.spec,
      servers: form.spec.servers.map((one, index) =>
        index === 0 ? { ...one, roles: one.roles.filter((role) => role !== 'etcd') } : one,
      ),
    };
    const bare = {
      ...form.spec,
      servers: form.spec.servers.map((one, index) => (index === 0 ? { ...one, roles: [] } : one)),
    };
    const same = withServer(form, '12', { address: '10.0.0.11' }).spec;
    const onStep = (spec: typeof form.spec) =>
      problemsOf(spec)
        .filter((problem) => problem.severity === 'error')
        .map(stepOf);
    expect(onStep(form.spec)).toEqual([]);
    expect(onStep(even)).toEqual(['roles']);
    expect(onStep(bare)).toContain('roles');
    expect(onStep(same)).toEqual(['servers']);
    expect(onStep({ ...form.spec, scope: '' })).toEqual(['settings']);
    expect(onStep({ ...form.spec, patroni: { ...form.spec.patroni, ttl: 10 } })[0]).toBe('settings');
    expect(
      onStep({
        ...form.spec,
        sources: { ...form.spec.sources, etcd: { kind: 'archive', url: 'ftp://x', sha256: '12' } },
      }),
    ).toEqual(['sources', 'sources']);
    expect(problemsOn('review', problemsOf(even))).toEqual(problemsOf(even));
  });

  it('a form without servers has one problem: it has no servers', () => {
    expect(problemsOf(emptyForm().spec).map((problem) => problem.code)).toEqual(['no_server']);
  });

  it('a server without a role is named in its problem', () => {
    const form = formWith('11');
    expect(
      problemsOf({ ...form.spec, servers: form.spec.servers.map((one) => ({ ...one, roles: [] })) })[0]?.sentence,
    ).toBe('db1 has no role.');
  });
});
