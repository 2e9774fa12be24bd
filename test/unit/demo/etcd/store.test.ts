import { describe, expect, it } from 'vitest';
import { EtcdStore, inRange, prefixRange, RevisionError } from '../../../../electron/core/demo/etcd-store/store';

describe('a range of etcd keys', () => {
  it.each([
    ['only that key', 'a', { start: 'a', end: '' }, true],
    ['only that key, not a longer one', 'ab', { start: 'a', end: '' }, false],
    ['the keys with the prefix', 'ab', prefixRange('a'), true],
    ['the keys with the prefix, not those after it', 'b', prefixRange('a'), false],
    ['all keys from one on', 'z', { start: 'b', end: '\0' }, true],
    ['the keys with a prefix of the highest byte', '\xffz', prefixRange('\xff'), true],
  ])('$0: contains "$1" is $3', (_what, key, range, within) => {
    expect(inRange(key, range)).toBe(within);
  });
});

describe('the store of a simulated etcd', () => {
  it("gives a transaction one revision and counts a key's versions until it is deleted", () => {
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

  it('reads the keys of an older revision, deleted ones included', () => {
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

  it('keeps a bounded history, however long it runs', () => {
    const store = new EtcdStore();
    for (let i = 0; i < 3000; i += 1) store.put('a', String(i));
    expect(store.since(store.compactRevision + 1).length).toBeLessThanOrEqual(500);
  });

  it('ends a lease together with its keys, in one revision, and not before its TTL is over', () => {
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

  it('ends no lease while etcd has no leader, and renews all of them when it has one again', () => {
    const store = new EtcdStore();
    const lease = store.leases.grant(10, 0)?.id ?? '';
    store.leases.freeze();
    store.expire(60_000);
    expect(store.leases.get(lease)).toBeDefined();
    store.leases.thaw(60_000);
    expect(store.leases.secondsLeft(lease, 60_000)).toBe(10);
  });
});
