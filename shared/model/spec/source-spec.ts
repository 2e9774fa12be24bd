import { z } from 'zod';

/** An apt repository beside the distribution's own. The key is fetched by URL, or given as armoured text. */
export const aptRepositorySchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** e.g. `trixie-pgdg`; `{codename}` stands for the server's release. */
  suite: z.string().min(1).default('{codename}-pgdg'),
  components: z.array(z.string().min(1)).min(1).default(['main']),
  keyUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** ASCII-armoured public key. */
  keyPem: z.string().min(1).max(200_000).optional(),
});
export type AptRepository = z.infer<typeof aptRepositorySchema>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'A SHA-256 has 64 hexadecimal digits.');

/** Where etcd comes from. */
export const etcdSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('packages') }),
  /** A release archive (etcd-vX-linux-ARCH.tar.gz) by URL, checked against its SHA-256. */
  z.strictObject({ kind: z.literal('archive'), url: z.url({ protocol: /^https?$/ }), sha256 }),
]);

/** Where Patroni comes from. */
export const patroniSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('packages') }),
  /** pip in a virtual environment, from an index or from a directory of wheels on the workstation. */
  z.strictObject({
    kind: z.literal('pip'),
    version: z.string().regex(/^\d+\.\d+\.\d+(\.\d+)?$/).optional(),
    indexUrl: z.url({ protocol: /^https?$/ }).optional(),
    wheelDirectory: z.string().min(1).optional(),
  }),
]);

/** How a server gets at packages: by its own network, through this workstation, or from a bundle file on the workstation. */
export const networkRouteSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('direct') }),
  z.strictObject({ kind: z.literal('through_workstation') }),
  z.strictObject({ kind: z.literal('bundle'), file: z.string().min(1) }),
]);
export type NetworkRoute = z.infer<typeof networkRouteSchema>;

/** All sources. `repositories` are added to the distribution's own on every server (PGDG, an internal mirror). */
export const sourcesSchema = z.strictObject({
  repositories: z.array(aptRepositorySchema).max(8).default([]),
  etcd: etcdSourceSchema.default({ kind: 'packages' }),
  patroni: patroniSourceSchema.default({ kind: 'packages' }),
  route: networkRouteSchema.default({ kind: 'direct' }),
});
export type Sources = z.infer<typeof sourcesSchema>;
