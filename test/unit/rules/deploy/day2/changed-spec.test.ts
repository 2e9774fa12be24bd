import { describe, expect, it } from 'vitest';
import type { StandaloneFacts } from '../../../../../shared/model/deploy/day2';
import { changedSpec, everybody } from '../../../../../shared/rules/deploy/day2/changed-spec';
import { carriedSettings } from '../../../../../shared/rules/deploy/day2/converted-spec';
import { changeProblems } from '../../../../../shared/rules/deploy/day2/describe-change';
import { checkPlan } from '../../../../../shared/rules/deploy/check/check-plan';
import { pgHba } from '../../../../../shared/rules/deploy/files/hba';
import { planCluster } from '../../../../../shared/rules/deploy/plan/plan-cluster';
import { facts, found, input, listed, serverFixture, specWith } from './fixtures';

const trio = specWith(serverFixture('n1'), serverFixture('n2'), serverFixture('n3'));

const standalone: StandaloneFacts = {
  server: 'n1',
  version: 17,
  name: 'main',
  port: 5433,
  dataDirectory: '/var/lib/postgresql/17/main',
  configDirectory: '/etc/postgresql/17/main',
  parameters: { work_mem: '7MB' },
  hba: ['local app app trust'],
  sizeBytes: 1,
  superuserHasPassword: false,
  streaming: [],
  tablespaces: 0,
  notes: [],
};

describe('the spec a change leads to', () => {
  it('has one more server, or more roles on one of them', () => {
    expect(
      changedSpec(trio, { kind: 'add_server', server: serverFixture('n4') }).spec.servers.map(({ name }) => name),
    ).toEqual(['n1', 'n2', 'n3', 'n4']);
    expect(
      changedSpec(specWith(serverFixture('n1', ['postgres'])), {
        kind: 'add_server',
        server: serverFixture('n1', ['etcd']),
      }).spec.servers[0]?.roles,
    ).toEqual(['postgres', 'etcd']);
    expect(() => changedSpec(trio, { kind: 'add_server', server: serverFixture('n3') })).toThrow('these roles already');
  });

  it('keeps a leaving server for as long as the change lasts', () => {
    const resolved = changedSpec(trio, { kind: 'remove_server', name: 'n3', keepData: true });
    expect(resolved.spec.servers).toHaveLength(2);
    expect(everybody(resolved).servers.map(({ name }) => name)).toEqual(['n1', 'n2', 'n3']);
  });

  it('replaces a member of etcd and leaves its PostgreSQL where it is', () => {
    const { spec } = changedSpec(trio, { kind: 'replace_etcd', name: 'n3', server: serverFixture('n4', ['etcd']) });
    expect(spec.servers.map(({ name, roles }) => [name, roles])).toEqual([
      ['n1', ['etcd', 'postgres']],
      ['n2', ['etcd', 'postgres']],
      ['n3', ['postgres']],
      ['n4', ['etcd']],
    ]);
  });

  it('warns about an even number of etcd members and still allows it', () => {
    const { spec } = changedSpec(trio, { kind: 'remove_etcd', name: 'n3' });
    expect(changeProblems(spec).find(({ code }) => code === 'etcd_even')).toMatchObject({ severity: 'warning' });
  });

  it('keeps version, port, data, settings and pg_hba lines of a converted standalone PostgreSQL', () => {
    const { spec } = changedSpec(trio, { kind: 'convert', name: 'n1' }, standalone);
    expect(spec.postgres).toMatchObject({
      version: 17,
      port: 5433,
      parameters: { work_mem: '7MB' },
      existing: { server: 'n1', name: 'main' },
    });
    expect(pgHba(spec)[0]).toBe('local all postgres peer');
    expect(pgHba(spec)).toContain('local app app trust');
    expect(() => changedSpec(trio, { kind: 'convert', name: 'n2' }, null)).toThrow('No PostgreSQL runs by itself');
  });

  it.each([
    [{ data_directory: '/x', work_mem: '7MB', port: '5432' }, { work_mem: '7MB' }, 0],
    [
      { ssl: 'on', ssl_cert_file: '/etc/ssl/certs/ssl-cert-snakeoil.pem' },
      { ssl: 'on', ssl_cert_file: '/etc/ssl/certs/ssl-cert-snakeoil.pem' },
      0,
    ],
    [{ ssl: 'on', ssl_cert_file: '/srv/own.pem' }, {}, 1],
    [{ wal_level: 'minimal' }, {}, 1],
  ])('carries over from the settings %j just %j', (settings, parameters, notes) => {
    expect(carriedSettings(settings)).toMatchObject({ parameters });
    expect(carriedSettings(settings).notes).toHaveLength(notes);
  });
});

describe('the plan of a conversion', () => {
  const plan = planCluster(
    input(
      changedSpec(trio, { kind: 'convert', name: 'n1' }, standalone).spec,
      facts([found('n1'), found('n2'), found('n3')], null),
    ),
  );
  const steps = new Map(plan.steps.map((step) => [step.id, step]));

  it('stops PostgreSQL only when everything else is in place, and never lists its data as made by the app', () => {
    expect(steps.get('n1/takeover')?.dependsOn).toEqual(['n1/takeover-roles', 'n1/validate', 'n1/patroni-drop-in']);
    expect(steps.get('n1/postgres-off')?.dependsOn).toEqual(['n1/takeover']);
    expect(steps.has('n1/postgres-data')).toBe(false);
    expect(steps.has('n2/postgres-data')).toBe(true);
  });
});

describe('the plan of a server that leaves', () => {
  const resolved = changedSpec(trio, { kind: 'remove_server', name: 'n3', keepData: true });
  const verdicts = (leader: string): string | undefined => {
    const about = facts(
      [
        found('n1'),
        found('n2'),
        {
          ...found('n3'),
          units: { 'patroni.service': { load: 'loaded', enabled: 'enabled', active: 'active', fresh: true } },
        },
      ],
      [listed('n1'), listed('n2'), listed('n3')],
      leader,
    );
    const plan = planCluster(input(resolved.spec, about, resolved.leaving));
    return checkPlan(plan, about).get('n3/leave-postgres')?.action;
  };
  it('removes a replica and refuses to remove the leader', () => {
    expect(verdicts('n1')).toBe('run');
    expect(verdicts('n3')).toBe('refuse');
  });
});
