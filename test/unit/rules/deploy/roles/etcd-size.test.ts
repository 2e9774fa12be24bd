import { expect, it } from 'vitest';
import { judgeEtcdSize } from '../../../../../shared/rules/deploy/roles/etcd-size';

it.each([
  [0, 'wrong'],
  [1, 'warning'],
  [2, 'wrong'],
  [3, 'good'],
  [4, 'wrong'],
  [5, 'good'],
] as const)('%i etcd members are judged %s', (members, verdict) => {
  expect(judgeEtcdSize(members).verdict).toBe(verdict);
});
