import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z
  .number()
  .int()
  .min(0)
  .max(16 * 1024 ** 3);

/** One package of a bundle. `file` is its name inside, `debs/...deb`. */
const bundledPackageSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9+.-]*$/),
  version: z.string().min(1).max(200),
  architecture: z.string().min(1).max(40),
  file: z.string().regex(/^debs\/[A-Za-z0-9][A-Za-z0-9+.~_%-]*\.deb$/),
  bytes,
  sha256,
});
/** One package in a bundle. */
export type BundledPackage = z.infer<typeof bundledPackageSchema>;

/** A file that vouches for packages: the signed word of an archive, or a list of packages (gzip) whose hash stands in such a word. */
const originFileSchema = z.strictObject({
  file: z.string().regex(/^origins\/\d{1,2}\/(?:InRelease|Release|Release\.gpg|list-\d{1,2}\.gz)$/),
  bytes,
  sha256,
});

/**
 * What a bundle says of itself: the first file in it. `index` is the list of packages that apt reads; `origins` are what the archives
 * signed, by which apt on the server judges each package.
 */
export const bundleManifestSchema = z.strictObject({
  format: z.literal('matriarch-bundle'),
  version: z.literal(2),
  release: z.strictObject({ id: z.string().min(1).max(40), codename: z.string().min(1).max(40) }),
  architecture: z.string().min(1).max(40),
  /** ms since the epoch */
  madeAt: z.number().int().min(0),
  /** Where the packages came from, for people. */
  madeFrom: z.string().max(200),
  /** Packages that were asked for; all others are what they need. */
  wanted: z.array(z.string().min(1).max(200)).max(200),
  index: z.strictObject({ bytes, sha256 }),
  origins: z.array(originFileSchema).min(2).max(400),
  packages: z.array(bundledPackageSchema).min(1).max(5000),
});
/** What a bundle says of itself. */
export type BundleManifest = z.infer<typeof bundleManifestSchema>;

/**
 * Where a bundle is collected: on a server with access (by its own network, or through this computer), or on this
 * computer, where it is a Debian.
 */
export const bundleSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('server'), server: z.string().min(1).max(200), throughWorkstation: z.boolean() }),
  z.strictObject({ kind: z.literal('workstation') }),
]);
/** Who collects the packages. */
export type BundleSource = z.infer<typeof bundleSourceSchema>;

/** A bundle that was read and checked whole. */
export interface CheckedBundle {
  readonly file: string;
  readonly bytes: number;
  /** Of the whole file. */
  readonly sha256: string;
  readonly manifest: BundleManifest;
}
