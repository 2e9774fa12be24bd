import { describe, expect, it } from 'vitest';
import {
  judgeMemberFile,
  type MemberFileContext,
} from '../../../../../shared/rules/configure/member-file/judge-member-file';
import { knownParameters } from '../../../../../shared/rules/configure/parameter-table';

const members = [
  { name: 'db1', tags: {} },
  { name: 'db2', tags: { replicatefrom: 'db3' } },
  { name: 'db3', tags: {} },
];
const context = (version: string): MemberFileContext => ({
  version,
  definitions: new Map(knownParameters.map((one) => [one.name.toLowerCase(), one])),
  certain: true,
  members: 3,
  standbys: 2,
  tags: { member: 'db3', version, members },
});
const before = { name: 'db3', scope: 'orders' };

/** What is added to the file, and what is said of it. */
const cases: readonly (readonly [string, Record<string, unknown>, string, RegExp, RegExp])[] = [
  ['another name', { name: 'db9' }, 'error', /says which member this is/, /Put it back/],
  ['another cluster', { scope: 'billing' }, 'error', /says which member this is/, /Put it back/],
  ['a setting of the DCS', { ttl: 30 }, 'warning', /takes ttl from the DCS/, /dynamic configuration/],
  ['a section that is a slip', { restap: {} }, 'warning', /not a setting this app knows/, /restapi\?/],
  ['a key that is a slip', { postgresql: { lisen: '*' } }, 'warning', /not a setting this app knows/, /listen\?/],
  ['use_slots', { postgresql: { use_slots: true } }, 'warning', /from the DCS/, /Remove/],
  ['another data directory', { postgresql: { data_dir: '/x' } }, 'warning', /when Patroni starts/, /Restart/],
  [
    'a parameter that only the DCS sets',
    { postgresql: { parameters: { max_connections: 200 } } },
    'warning',
    /takes max_connections from the DCS/,
    /remove it here/,
  ],
  ['a wrong value', { postgresql: { parameters: { work_mem: '4mb' } } }, 'error', /case counts/, /Write MB/],
  ['bootstrap afterwards', { bootstrap: { dcs: { ttl: 20 } } }, 'warning', /does nothing now/, /dynamic/],
  ['tags that are a list', { tags: ['nosync'] }, 'error', /must be a section/, /name: value/],
  ['a tag that is no switch', { tags: { nosync: 3 } }, 'error', /true or false/, /Correct/],
  ['a priority below 0', { tags: { failover_priority: -1 } }, 'error', /at least 0/, /Correct/],
  ['a tag that is a slip', { tags: { nofailove: true } }, 'warning', /does nothing/, /nofailover\?/],
  ['both tags', { tags: { nofailover: true, failover_priority: 1 } }, 'warning', /exclude each other/, /Remove/],
  ['a source that is itself', { tags: { replicatefrom: 'db3' } }, 'error', /from itself/, /another/],
  [
    'a source in a ring',
    { tags: { replicatefrom: 'db2' } },
    'error',
    /db3 replicates from db2 replicates from db3/,
    /Choose/,
  ],
  ['a source that is not there', { tags: { replicatefrom: 'db7' } }, 'warning', /not a member/, /Choose/],
];

describe("a member's own configuration", () => {
  it.each(cases)('%s is found, with what to do', (_what, change, severity, sentence, advice) => {
    const found = judgeMemberFile(before, { ...before, ...change }, context('4.0.7'));
    expect(found).toEqual([
      expect.objectContaining({
        severity,
        sentence: expect.stringMatching(sentence) as string,
        advice: expect.stringMatching(advice) as string,
      }),
    ]);
  });

  it('a tag that the release does not know is found', () => {
    const found = judgeMemberFile(before, { ...before, tags: { nostream: true } }, context('3.0.4'));
    expect(found.map(({ sentence }) => sentence)).toEqual([
      'nostream needs Patroni 3.3.0; db3 runs 3.0.4 and ignores it.',
    ]);
  });

  it('one that is usual is left alone', () => {
    const after = {
      ...before,
      namespace: undefined,
      restapi: { listen: '*:8008' },
      etcd3: { hosts: ['a:2379'] },
      postgresql: {
        listen: '*:5432',
        parameters: { unix_socket_directories: '/run', log_min_duration_statement: 250 },
      },
      tags: { nofailover: false, clonefrom: true, datacentre: 'north', replicatefrom: 'db1' },
    };
    expect(judgeMemberFile(before, after, context('4.0.7'))).toEqual([]);
  });
});
