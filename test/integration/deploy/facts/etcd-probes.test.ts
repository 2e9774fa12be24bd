import { afterEach, describe, expect, it } from 'vitest';
import {
  checkEtcdHealth,
  listMembers,
  withAnyEtcdMember,
  withEtcdMember,
} from '../../../../electron/core/deploy/facts/etcd-probes';
import type { Endpoint } from '../../../../shared/model/deploy/plan';
import { startEtcdWire, type EtcdWire } from '../../../support/cluster/etcd-wire';
import { makeCertificates } from '../../../support/network/certificates';
import { localRemote } from '../../../support/ssh/local-remote';

const context = { connectNamed: localRemote, tls: null, timeoutMs: 6_000 };
const endpointsOf = (wire: EtcdWire): readonly Endpoint[] =>
  wire.ports.map((port, index) => ({ server: `n${index + 1}`, address: '127.0.0.1', port }));

const wires: EtcdWire[] = [];
afterEach(async () => {
  for (const wire of wires.splice(0)) await wire.close();
});

async function serve(...options: Parameters<typeof startEtcdWire>): Promise<[EtcdWire, readonly Endpoint[]]> {
  const wire = await startEtcdWire(...options);
  wires.push(wire);
  return [wire, endpointsOf(wire)];
}
function first(members: readonly Endpoint[]): Endpoint {
  const [member] = members;
  if (member === undefined) throw new Error('There is no member.');
  return member;
}

describe('etcd as deployment asks it', () => {
  it('is healthy while a majority of its members agrees, and says why it is not otherwise', async () => {
    const [wire, members] = await serve(3);
    await expect(checkEtcdHealth(context, first(members))).resolves.toBeUndefined();
    wire.setQuorum(false);
    await expect(checkEtcdHealth(context, first(members))).rejects.toMatchObject({ data: { code: 'etcd.no_quorum' } });
    await wire.stop(0);
    await expect(checkEtcdHealth(context, first(members))).rejects.toMatchObject({
      data: { code: 'etcd.unreachable', target: expect.stringContaining('127.0.0.1') as string },
    });
  });

  it('tells an empty key from one that does not exist', async () => {
    const [wire, members] = await serve(1);
    wire.put('/service/main/initialize', '');
    const read = (key: string): Promise<string | null> =>
      withEtcdMember(context, first(members), (link) => link.read(key));
    expect(await read('/service/main/initialize')).toBe('');
    expect(await read('/service/main/leader')).toBeNull();
  });

  it('deletes keys only while the guarding key has the value it had', async () => {
    const [wire, members] = await serve(1);
    wire.put('/service/main/initialize', '7312');
    wire.put('/service/main/config', '{}');
    wire.put('/service/mainly/config', '{}');
    const deleteScope = (value: string): Promise<boolean> =>
      withEtcdMember(context, first(members), (link) =>
        link.deleteIf({ key: '/service/main/initialize', value }, { prefix: '/service/main/' }),
      );
    const keys = async (): Promise<readonly string[]> =>
      (await withEtcdMember(context, first(members), (link) => link.range('/'))).entries.map((entry) => entry.key);
    expect(await deleteScope('another')).toBe(false);
    expect(await keys()).toHaveLength(3);
    expect(await deleteScope('7312')).toBe(true);
    expect(await keys()).toEqual(['/service/mainly/config']);
  });

  it('is asked over the next member when the first is down, and keeps why the last one failed', async () => {
    const [wire, members] = await serve(3);
    await wire.stop(0);
    expect((await withAnyEtcdMember(context, members, listMembers)).map((member) => member.started)).toEqual([
      true,
      true,
      true,
    ]);
    await wire.stop(1);
    await wire.stop(2);
    await expect(withAnyEtcdMember(context, members, listMembers)).rejects.toMatchObject({
      data: { code: 'etcd.unreachable', target: `127.0.0.1:${String(wire.ports[2])}` },
    });
  });

  it('is spoken to over TLS with the certificate of the session, and not without it', async () => {
    const pki = await makeCertificates();
    const [, members] = await serve(1, {
      tls: { ...pki.server, ca: pki.ca, requestCert: true, rejectUnauthorized: true },
    });
    const known = { ...context, tls: { ca: pki.ca, ...pki.client } };
    await expect(checkEtcdHealth(known, first(members))).resolves.toBeUndefined();
    await expect(checkEtcdHealth({ ...context, tls: { ca: pki.ca } }, first(members))).rejects.toMatchObject({
      data: { code: expect.stringMatching(/^etcd\.(tls|unreachable)$/) as string },
    });
  });
});
