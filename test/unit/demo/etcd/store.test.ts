import { describe, expect, it } from 'vitest';
import { EtcdStore, inRange, prefixRange, RevisionError } from '../../../../electron/core/demo/etcd/store';

describe('ranges of keys', () => {
  it.each([
    ['a key alone', 'a', { start: 'a', end: '' }, true],
    ['another key', 'ab', { start: 'a', end: '' }, false],
    ['a key with the prefix', 'ab', prefixRange('a'), true],
    ['the key after the prefix', 'b', prefixRange('a'), false],
    ['everything from a key on', 'z', { start: 'b', end: '\0' }, true],
    ['a prefix of the highest byte', '\xffz', prefixRange('\xff'), true],
  ])('%s', (_what, key, range, within) => {
    expect(inRange(key, range)).toBe(within);
  });
});

describe('the store of a simulated etcd', () => {
  it('makes one revision of a transaction and counts versions until a key is deleted', () => {
    const store = new EtcdStore();
    store.transact(() => {
      store.put('a', '1');
      store.put('b', '1');
    });
    store.put('a', '2');
    expect(store.get('a')).toMatchObject({ createRevision: 2, modRevision: 3, version: 2 });
    expect(store.get('b')).toMatchObject({ modRevision: 2, version: 1 });
    store.deleteRange({ start: 'a', end: '' });
    store.put('a', '3');
    expect(store.get('a')).toMatchObject({ createRevision: 5, version: 1 });
  });

  it('reads what was there at an older revision, deletions undone', () => {
    const store = new EtcdStore();
    store.put('a', '1');
    store.put('b', '1');
    store.deleteRange(prefixRange(''));
    store.put('a', '9');
    const at = (revision: number): string[] =>
      store.range(prefixRange(''), revision).map((kv) => `${kv.key}=${kv.value.toString()}`);
    expect([at(1), at(2), at(3), at(4), at(5)]).toEqual([[], ['a=1'], ['a=1', 'b=1'], [], ['a=9']]);
  });

  it('refuses revisions that are compacted or not yet there', () => {
    const store = new EtcdStore();
    for (let i = 0; i < 5; i += 1) store.put('a', String(i));
    store.compact(4);
    expect(() => store.range({ start: 'a', end: '' }, 3)).toThrow(RevisionError);
    expect(() => store.range({ start: 'a', end: '' }, 99)).toThrow('future revision');
    expect(() => store.since(4)).toThrow('compacted');
    expect(store.since(5).map((change) => change.revision)).toEqual([5, 6]);
  });

  it('keeps a bounded history, however long it lives', () => {
    const store = new EtcdStore();
    for (let i = 0; i < 3000; i += 1) store.put('a', String(i));
    expect(store.since(store.compactRevision + 1).length).toBeLessThanOrEqual(500);
  });

  it('ends a lease with its keys, in one revision, and not before its time', () => {
    const store = new EtcdStore();
    const lease = store.leases.grant(30, 0)?.id ?? '';
    store.put('a', '1', lease);
    store.put('b', '1', lease);
    store.put('b', '2');
    store.expire(29_999);
    expect(store.get('a')).toBeDefined();
    const { revision } = store;
    store.expire(30_000);
    expect([store.get('a'), store.get('b')?.value.toString(), store.revision]).toEqual([undefined, '2', revision + 1]);
    expect(store.leases.secondsLeft(lease, 30_000)).toBe(-1);
  });

  it('ends no lease while there is no etcd leader, and gives all their whole life when there is one again', () => {
    const store = new EtcdStore();
    const lease = store.leases.grant(10, 0)?.id ?? '';
    store.leases.freeze();
    store.expire(60_000);
    expect(store.leases.get(lease)).toBeDefined();
    store.leases.thaw(60_000);
    expect(store.leases.secondsLeft(lease, 60_000)).toBe(10);
  });
});
