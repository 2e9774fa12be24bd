import { z } from 'zod';

/**
 * What a cluster is known by for the whole of its life: in the inventory, in its runs, its jobs and locks, with its secrets, and in the
 * manifests on its servers. Scope and namespace are only names: two clusters at two sites may have the same.
 */
export const clusterIdSchema = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'Letters, digits, dots, hyphens and underscores.');
