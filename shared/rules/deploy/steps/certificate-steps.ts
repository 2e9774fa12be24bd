import type { Step } from '../../../model/deploy/plan';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { authoritySecrets } from '../../../model/deploy/secret-name';
import type { SecretReader } from '../secrets';
import type { PlanInput } from './plan-input';
import { fileStep } from './step-builders';

/** Where a service reads its certificate, and who it runs as. */
export interface CertificatePlace {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A key and certificate for one service of a server; nothing without TLS. */
export function certificateStep(
  input: PlanInput,
  server: ServerSpec,
  service: string,
  place: CertificatePlace,
  owner: string,
  installed: string,
): Step[] {
  if (input.spec.tls === 'off') return [];
  const addresses = [server.address, '127.0.0.1', ...(input.spec.vip === undefined ? [] : [input.spec.vip.address])];
  return [
    {
      id: `${server.name}/${service}-certificate`,
      server: server.name,
      label: `${service}: key and certificate of this server`,
      dependsOn: [installed],
      resource: {
        kind: 'certificate',
        commonName: server.name,
        names: [server.name, 'localhost'],
        addresses,
        owner,
        group: owner,
        ...place,
      },
    },
  ];
}

/** The authority's certificate alone, for who only checks others. */
export function authorityStep(
  input: PlanInput,
  server: ServerSpec,
  service: string,
  path: string,
  installed: string,
): Step[] {
  if (input.spec.tls === 'off') return [];
  const render = (secret: SecretReader): string => secret(authoritySecrets.trusted);
  return [
    fileStep(
      {
        server: server.name,
        name: `${service}-authority`,
        label: `${service}: the authority it trusts`,
        path,
        owner: 'root',
        group: 'root',
        mode: 0o644,
        dependsOn: [installed],
        render,
      },
      input.secret,
    ),
  ];
}
