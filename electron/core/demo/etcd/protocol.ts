import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The services of etcd's v3 API that the demo answers. */
export type EtcdServiceName = 'KV' | 'Watch' | 'Lease' | 'Cluster' | 'Maintenance' | 'Auth';

const names: readonly EtcdServiceName[] = ['KV', 'Watch', 'Lease', 'Cluster', 'Maintenance', 'Auth'];

let loaded: Record<EtcdServiceName, ServiceDefinition> | undefined;

/** Reads the protocol files that the etcd client ships, once. The same options as the client's, so that both ends agree on field names. */
export function etcdServices(): Record<EtcdServiceName, ServiceDefinition> {
  loaded ??= load();
  return loaded;
}

function load(): Record<EtcdServiceName, ServiceDefinition> {
  const client = createRequire(import.meta.url).resolve('etcd3');
  const definition = loadSync(join(dirname(client), '..', 'proto', 'rpc.proto'), {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  const service = (name: EtcdServiceName): ServiceDefinition => {
    const found = definition[`etcdserverpb.${name}`];
    if (found === undefined || 'format' in found) throw new Error(`The etcd protocol files define no service ${name}.`);
    return found as ServiceDefinition;
  };
  return Object.fromEntries(names.map((name) => [name, service(name)])) as Record<EtcdServiceName, ServiceDefinition>;
}
