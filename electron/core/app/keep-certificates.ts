import type { ClusterEntry, TlsMaterial } from '../../../shared/model/cluster/cluster-entry';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { authoritySecrets } from '../../../shared/model/deploy/secret-name';
import { certificatesIn } from '../certificates/read-certificate';
import type { Deploy } from '../deploy/create-deploy';
import { announceAuthority, authorityState, forgetOldAuthority, turnAuthority } from '../deploy/secrets/authority-book';
import { knownSecrets } from '../deploy/secrets/cluster-secrets';
import type { SecretBook } from '../deploy/secrets/secret-book';
import { authorityOf } from '../deploy/tls/material';
import type { Inventory } from '../inventory/inventory';
import type { CertificateKeeper, ReplacedCertificate } from '../repair/certificates/certificate-keeper';
import type { Secrets } from '../vault/secrets';
import { openCluster } from './open-cluster';

/** What certificates are kept with. */
interface KeepCertificatesDeps {
  readonly deploy: Pick<Deploy, 'latestSpec'>;
  readonly book: SecretBook;
  readonly inventory: Inventory;
  readonly vault: Secrets;
  readonly now: () => number;
}

/** Keeps the authorities of clusters among their secrets, and the app's own certificates with their entries. */
export function createCertificateKeeper(deps: KeepCertificatesDeps): CertificateKeeper {
  const { book } = deps;
  const specOf = (clusterId: string): ClusterSpec | null => {
    const spec = deps.deploy.latestSpec(clusterId);
    return spec?.tls === 'on' ? spec : null;
  };
  return {
    authority: async (clusterId) => {
      const spec = specOf(clusterId);
      if (spec === null) return null;
      const authority = authorityOf(spec, await knownSecrets(book, spec));
      if (authority === null) return null;
      const isTurned = (await authorityState(book, clusterId)) === 'turned';
      const former = isTurned ? ((await book.read(clusterId, authoritySecrets.old)) ?? '') : '';
      return { authority, former: former === '' ? null : former };
    },
    renewAuthority: async (clusterId) => {
      const spec = specOf(clusterId);
      if (spec === null) return;
      if ((await authorityState(book, clusterId)) === 'settled') await announceAuthority(book, spec, deps.now());
      await turnAuthority(book, clusterId);
    },
    forgetFormer: (clusterId) => forgetOldAuthority(book, clusterId),
    renewOwn: async (clusterId) => {
      const spec = specOf(clusterId);
      if (spec === null) return;
      await openCluster(spec, { inventory: deps.inventory, vault: deps.vault, secrets: book, now: deps.now });
    },
    replaceOwn: (clusterId, replaced, authorities) => replaceOwn(deps, clusterId, replaced, authorities),
  };
}

async function replaceOwn(
  { inventory, vault }: KeepCertificatesDeps,
  clusterId: string,
  replaced: readonly ReplacedCertificate[],
  authorities: readonly string[],
): Promise<void> {
  const entry = inventory.cluster(clusterId);
  if (entry === undefined) return;
  const follow = async (tls: TlsMaterial | null): Promise<TlsMaterial | null> => {
    if (tls === null) return null;
    const trusted = withAuthorities(tls, authorities);
    const [own] = certificatesIn(tls.cert ?? '');
    const next = replaced.find(({ before }) => before === own?.fingerprint256);
    if (next === undefined) return trusted;
    if (next.key !== null && tls.keySecret !== undefined) await vault.replace(tls.keySecret, next.key);
    return { ...trusted, cert: next.cert };
  };
  const etcd: ClusterEntry['etcd'] = entry.etcd === null ? null : { ...entry.etcd, tls: await follow(entry.etcd.tls) };
  await inventory.saveCluster({ ...entry, etcd, rest: { ...entry.rest, tls: await follow(entry.rest.tls) } });
}

/** An entry without authorities trusts those of the system, and is left so. */
function withAuthorities(tls: TlsMaterial, authorities: readonly string[]): TlsMaterial {
  if (tls.ca === undefined) return tls;
  const known = new Set(certificatesIn(tls.ca).map(({ fingerprint256 }) => fingerprint256));
  const more = authorities.filter((text) => certificatesIn(text).some((one) => !known.has(one.fingerprint256)));
  return more.length === 0
    ? tls
    : { ...tls, ca: [tls.ca.trimEnd(), ...more.map((text) => text.trim()), ''].join('\n') };
}
