import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError } from '../../../shared/model/app-error';
import type { MemberFileView } from '../../../shared/model/configure/member-file';
import type { ClusterState } from '../../../shared/model/cluster/cluster-state';
import type { MemberSettings } from '../../../shared/model/configure/server-settings';
import { knownParameters } from '../../../shared/rules/configure/parameter-table';

/** The configuration of the double's cluster: every member runs with what PostgreSQL begins with. */
export function configureDouble(state: ClusterState, now: number) {
  const os = implement(contract).configure;
  const values = Object.fromEntries(
    knownParameters.map((one) => [
      one.name,
      { value: one.builtIn, source: 'default', file: null, line: null, pendingRestart: false },
    ]),
  );
  const known: MemberSettings = {
    kind: 'known',
    asOf: now,
    version: 170_005,
    values,
    fileSettings: [],
    hba: null,
    memberships: {},
    clients: [],
  };
  return {
    history: os.history.handler(() => []),
    memberFile: os.memberFile.handler(({ input }) => memberFileFixture(input.member, now)),
    ownParameters: os.ownParameters.handler(() => ({})),
    changeMemberFile: os.changeMemberFile.handler(() => {
      throw appError('config.file_changed', 'Nothing is changed here.', {});
    }),
    settings: os.settings.handler(() => ({
      definitions: knownParameters,
      from: 'servers',
      members: Object.fromEntries(state.members.map((member) => [member.name, known])),
    })),
  };
}

function memberFileFixture(member: string, now: number): MemberFileView {
  const text = `scope: orders\nname: ${member}\npostgresql:\n  authentication:\n    superuser:\n      password: ••••••4c1e09ab\n`;
  return {
    member,
    server: member,
    asOf: now,
    startedWith: '/etc/patroni/config.yml',
    user: 'postgres',
    files: [
      {
        path: '/etc/patroni/config.yml',
        text,
        sha: '0'.repeat(64),
        locked: null,
        placement: 'postgres:postgres 600',
        hasBackup: false,
      },
    ],
    environment: [],
    merged: text,
    mergedBy: 'patroni',
    refused: null,
  };
}
