import { z } from 'zod';

/**
 * A file this deployment wrote, a directory that is wholly its own, or a link in the search path to a program in one.
 * `before` says what was there: nothing, or a copy kept at `backup`.
 */
const manifestFileSchema = z.object({
  path: z.string(),
  kind: z.enum(['file', 'directory', 'link']),
  before: z.enum(['absent', 'present']),
  backup: z.string().nullable(),
});

/**
 * What a deployment made on one server. It lies on the server itself (root only), is written before
 * anything is made, and holds what is needed to take it all away again. Packages, users and groups that came
 * with an installation are kept beside it as lists (`MadeFacts`). It holds no secret.
 */
export const deployManifestSchema = z.object({
  version: z.literal(1),
  /** The cluster this was made for; version 0.1.0 wrote its scope alone. */
  cluster: z.string().optional(),
  scope: z.string(),
  server: z.string(),
  /** Names the cluster this server was made a part of; a resume of the same run finds itself by it. */
  clusterToken: z.string(),
  files: z.array(manifestFileSchema),
  /** Units by their state before: `absent`, `enabled`, `disabled` ... */
  units: z.array(z.object({ unit: z.string(), before: z.string() })),
  /** Data directories that this deployment made and an undo may remove. */
  data: z.array(z.string()),
});
/** What a deployment made on one server. */
export type DeployManifest = z.infer<typeof deployManifestSchema>;
/** One file of it. */
export type ManifestFile = z.infer<typeof manifestFileSchema>;
