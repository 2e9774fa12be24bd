import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
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
  };
  return {
    history: os.history.handler(() => []),
    settings: os.settings.handler(() => ({
      definitions: knownParameters,
      from: 'servers',
      members: Object.fromEntries(state.members.map((member) => [member.name, known])),
    })),
  };
}
