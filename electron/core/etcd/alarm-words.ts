import type { EtcdAlarm } from '../../../shared/model/etcd/etcd-view';

/** The alarms that a member's status names, e.g. `memberID:42 alarm:NOSPACE`, each once. A status names those of all members. */
export function alarmsInWords(words: readonly string[]): readonly EtcdAlarm[] {
  const found = words.flatMap((text): readonly EtcdAlarm[] => {
    const [, id, name] = /memberID:(\d+) alarm:(NOSPACE|CORRUPT)/.exec(text) ?? [];
    if (id === undefined || name === undefined) return [];
    return [{ memberId: BigInt(id).toString(16), kind: name === 'NOSPACE' ? 'nospace' : 'corrupt' }];
  });
  const isSame = (one: EtcdAlarm, other: EtcdAlarm): boolean =>
    one.memberId === other.memberId && one.kind === other.kind;
  return found.filter((one, index) => found.findIndex((other) => isSame(one, other)) === index);
}
