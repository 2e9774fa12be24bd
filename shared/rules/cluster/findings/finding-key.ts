import type { Finding } from '../../../model/cluster/cluster-state';

/** Tells the findings of one cluster apart, and stays the same while the same thing lasts. */
export function findingKey({ code, member, subject }: Finding): string {
  return [code, member ?? '', subject ?? ''].join(' ');
}
