import type { addDirectSchema } from '../../../shared/contract/clusters';
import type { z } from 'zod';

/** The form of a connection without SSH. Lists are one entry a line. */
export interface DirectFields {
  readonly title: string;
  readonly scope: string;
  readonly namespace: string;
  readonly restUrls: string;
  readonly etcd: string;
  readonly production: boolean;
  readonly restUser: string;
  readonly restPassword: string;
  readonly etcdUser: string;
  readonly etcdPassword: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** An empty form. */
export const emptyDirect: DirectFields = {
  title: '',
  scope: '',
  namespace: 'service',
  restUrls: '',
  etcd: '',
  production: false,
  restUser: '',
  restPassword: '',
  etcdUser: '',
  etcdPassword: '',
  caPem: '',
  certPem: '',
  keyPem: '',
};

const lines = (text: string) => text.split(/[\s,]+/).filter((line) => line !== '');

/** What keeps the form from being sent; null when nothing does. */
export function directProblem(fields: DirectFields): string | null {
  const urls = lines(fields.restUrls);
  if (fields.title.trim() === '') return 'Give the cluster a title.';
  if (urls.length === 0) return 'Enter the address of at least one member.';
  const wrong = urls.find((url) => !/^https?:\/\//.test(url) || !URL.canParse(url));
  return wrong === undefined ? null : `${wrong.slice(0, 80)} is not an address such as http://10.0.0.11:8008.`;
}

/** The form as the core takes it. */
export function directInput(fields: DirectFields): z.input<typeof addDirectSchema> {
  const optional = [
    'scope',
    'restUser',
    'restPassword',
    'etcdUser',
    'etcdPassword',
    'caPem',
    'certPem',
    'keyPem',
  ] as const;
  const given = Object.fromEntries(
    optional.filter((name) => fields[name].trim() !== '').map((name) => [name, fields[name]]),
  );
  return {
    title: fields.title.trim(),
    namespace: fields.namespace.trim() === '' ? 'service' : fields.namespace.trim(),
    restUrls: lines(fields.restUrls),
    etcd: lines(fields.etcd),
    production: fields.production,
    ...given,
  };
}
