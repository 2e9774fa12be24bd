import type { EtcdMember } from '../../../model/cluster/cluster-state';
import { findingOfAlarm, findingOfSpace, findingsOfVersions } from '../../etcd/etcd-findings';
import { isNearlyFull } from '../../etcd/etcd-sizes';
import { bytesInWords } from '../../words/wording';
import type { FindingRule } from './finding-view';

const membersOf: (view: Parameters<FindingRule>[0]) => readonly EtcdMember[] = ({ state: { dcs } }) =>
  dcs.kind === 'live' || dcs.kind === 'no_quorum' ? dcs.members : [];

/** Alarms of etcd: while NOSPACE is raised Patroni cannot write its keys. */
export const etcdAlarms: FindingRule = (view) =>
  membersOf(view).flatMap(({ name, alarms }) => alarms.map((kind) => findingOfAlarm(kind, name)));

/** A database of etcd that is near its quota, where the quota is known. */
export const etcdSpace: FindingRule = (view) =>
  membersOf(view).flatMap(({ name, dbSize, quota }) =>
    dbSize === null || quota === null || !isNearlyFull({ dbSize, quota })
      ? []
      : [findingOfSpace(name, `${bytesInWords(dbSize)} of ${bytesInWords(quota)}.`)],
  );

/** Members of etcd that have different versions, as far as they were asked. */
export const etcdVersions: FindingRule = (view) =>
  findingsOfVersions(membersOf(view).flatMap(({ version }) => version ?? []));
