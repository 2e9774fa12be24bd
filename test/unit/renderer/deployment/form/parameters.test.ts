import { describe, expect, it } from 'vitest';
import { groupChecks } from '../../../../../renderer/features/deploy/review/group-checks';
import {
  isParameterName,
  parameterRows,
  withParameter,
  withSuggestions,
} from '../../../../../renderer/deployment/form/parameters';
import { portableSpec } from '../../../../../renderer/deployment/form/portable';
import { commonMajors } from '../../../../../renderer/deployment/form/versions';
import { emptyForm } from '../../../../../renderer/deployment/form/form';
import { withServers } from '../../../../../renderer/deployment/form/servers';
import type { AvailableVersions, PreflightCheck } from '../../../../../shared/model/deploy/deploy-views';
import type { Server } from '../../../../../shared/model/connect/server';

const suggestions = [
  { name: 'shared_buffers', value: '1GB', reason: 'A quarter.' },
  { name: 'work_mem', value: '4MB', reason: 'Small.' },
];

describe('parameters', () => {
  it('suggested parameters are listed with their reasons, before those that the user added', () => {
    const rows = parameterRows({ work_mem: '8MB', jit: false }, suggestions);
    expect(rows.map((row) => [row.name, row.value, row.suggested])).toEqual([
      ['shared_buffers', null, '1GB'],
      ['work_mem', '8MB', '4MB'],
      ['jit', 'false', null],
    ]);
  });

  it('using all suggestions keeps the parameters that the user added, and a cleared one is removed', () => {
    expect(withSuggestions({ jit: false }, suggestions)).toEqual({
      jit: false,
      shared_buffers: '1GB',
      work_mem: '4MB',
    });
    expect(withParameter({ jit: false, work_mem: '4MB' }, 'jit', null)).toEqual({ work_mem: '4MB' });
  });

  it.each([
    ['pg_stat_statements.max', true],
    ['Work_Mem', false],
    ['x y', false],
    ['', false],
  ])('"%s" is accepted as the name of a parameter: %s', (name, can) => {
    expect(isParameterName(name)).toBe(can);
  });
});

const jump: Server = {
  id: 'j',
  name: 'jump',
  host: 'jump.example.net',
  port: 2222,
  user: 'me',
  auth: { kind: 'agent' },
  sudo: { kind: 'none' },
  jump: [],
  tags: [],
};
const db: Server = {
  id: 'd',
  name: 'db',
  host: '10.0.0.11',
  port: 22,
  user: 'dba',
  auth: { kind: 'key', keyPath: '/home/me/key', passphraseSecret: 'secret-17' },
  sudo: { kind: 'password', passwordSecret: 'secret-18' },
  jump: ['j'],
  tags: [],
};

describe('a cluster file on another workstation', () => {
  it('a saved cluster file contains the SSH route to each server, and no secret', () => {
    const spec = portableSpec(withServers(emptyForm(), [db]).spec, [jump, db]);
    expect(spec.servers[0]?.ssh).toEqual({
      host: '10.0.0.11',
      port: 22,
      user: 'dba',
      auth: 'key',
      key: '/home/me/key',
      sudo: 'password',
      jump: ['me@jump.example.net:2222'],
    });
    expect(JSON.stringify(spec)).not.toContain('secret-');
  });
});

describe('versions and checks', () => {
  const offer = (server: string, majors: readonly number[]): AvailableVersions => ({
    server,
    postgres: majors.map((major) => ({ major, version: `${major}.1`, origin: '' })),
    patroni: null,
    etcd: null,
    haproxy: null,
    pgbouncer: null,
    keepalived: null,
    repositories: [],
    error: null,
  });

  it('only PostgreSQL versions that every member can install are offered', () => {
    const spec = withServers(emptyForm(), [db, { ...db, id: 'e', host: '10.0.0.12' }]).spec;
    const named = { ...spec, servers: spec.servers.map((server, index) => ({ ...server, name: `db${index + 1}` })) };
    expect(commonMajors(named, [offer('db1', [15, 17, 16]), offer('db2', [16, 17]), offer('other', [])])).toEqual([
      17, 16,
    ]);
  });

  it('blocking checks come first, with the same problem on several servers listed once', () => {
    const check = (id: string, server: string, verdict: PreflightCheck['verdict'], reason = ''): PreflightCheck => ({
      id,
      name: id,
      server,
      verdict,
      evidence: '',
      reason,
      fix: null,
    });
    const groups = groupChecks([
      check('os', 'a', 'ok'),
      check('clock', 'a', 'warning', 'x'),
      check('clock', 'b', 'warning', 'x'),
      check('ports', 'b', 'blocks', 'p'),
      check('ports', 'a', 'blocks', 'q'),
    ]);
    expect(groups.map((group) => [group.key, group.found.length, group.reason])).toEqual([
      ['ports blocks', 2, null],
      ['clock warning', 2, 'x'],
      ['os ok', 1, ''],
    ]);
  });
});
