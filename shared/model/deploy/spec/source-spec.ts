import { z } from 'zod';
import { isHost, isHostPort } from '../../connect/host-port';

/** An address without spaces or line ends: it is written into files and given to programs as one word. */
const address = (protocol: RegExp) => z.url({ protocol }).regex(/^[\x21-\x7e]+$/, 'An address without spaces.');
const webAddress = address(/^https?$/);

/** An apt repository beside the distribution's own. The key is fetched by URL, or given as armoured text. */
export const aptRepositorySchema = z.strictObject({
  url: webAddress,
  /** e.g. `trixie-pgdg`; `{codename}` stands for the server's release. A path that ends with a slash is a repository without components. */
  suite: z
    .string()
    .regex(/^[A-Za-z0-9{.][A-Za-z0-9{}._~+/-]*$/, 'Letters, digits, dots, hyphens and slashes.')
    .default('{codename}-pgdg'),
  components: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+/-]*$/, 'Letters, digits, dots and hyphens.'))
    .min(1)
    .max(20)
    .default(['main']),
  keyUrl: webAddress.optional(),
  /** ASCII-armoured public key. */
  keyPem: z.string().min(1).max(200_000).optional(),
});
/** One repository that is added. */
export type AptRepository = z.infer<typeof aptRepositorySchema>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'A SHA-256 has 64 hexadecimal digits.');

/** Where etcd comes from. */
const etcdSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('packages') }),
  /**
   * A release archive (etcd-vX-linux-ARCH.tar.gz) by URL, checked against its SHA-256. A `file:` address names a file
   * on the workstation.
   */
  z.strictObject({ kind: z.literal('archive'), url: address(/^(https?|file)$/), sha256 }),
]);

/** Where Patroni comes from. */
const patroniSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('packages') }),
  /** pip in a virtual environment, from an index or from a directory of wheels on the workstation. */
  z.strictObject({
    kind: z.literal('pip'),
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+(\.\d+)?$/)
      .optional(),
    indexUrl: webAddress.optional(),
    wheelDirectory: z.string().min(1).optional(),
  }),
]);

/** Patroni by pip. */
export type PipSource = Extract<z.infer<typeof patroniSourceSchema>, { readonly kind: 'pip' }>;
/** etcd from a release archive. */
export type ArchiveSource = Extract<z.infer<typeof etcdSourceSchema>, { readonly kind: 'archive' }>;

/** How a server gets at packages: by its own network, through this workstation, or from a bundle file on the workstation. */
const networkRouteSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('direct') }),
  z.strictObject({
    kind: z.literal('through_workstation'),
    /**
     * Package hosts (`host`, for ports 80 and 443, or `host:port`) that servers may reach beside those of the distributions and of
     * this spec: an internal mirror, for example.
     */
    hosts: z
      .array(
        z
          .string()
          .max(260)
          .refine((text) => isHost(text) || isHostPort(text), 'is not a host, nor of the form host:port'),
      )
      .max(50)
      .default([]),
  }),
  z.strictObject({ kind: z.literal('bundle'), file: z.string().min(1) }),
]);
/** The way that packages take to the servers. */
export type NetworkRoute = z.infer<typeof networkRouteSchema>;

/** All sources. `repositories` are added to the distribution's own on every server (PGDG, an internal mirror). */
export const sourcesSchema = z.strictObject({
  repositories: z.array(aptRepositorySchema).max(8).default([]),
  etcd: etcdSourceSchema.default({ kind: 'packages' }),
  patroni: patroniSourceSchema.default({ kind: 'packages' }),
  route: networkRouteSchema.default({ kind: 'direct' }),
});
/** Where all software comes from. */
export type Sources = z.infer<typeof sourcesSchema>;
