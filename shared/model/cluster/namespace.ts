import { z } from 'zod';

/**
 * Where in the DCS a cluster has its keys. Patroni takes slashes at either end for the same namespace (dcs/__init__.py), so they are
 * taken off here, where a namespace is read; everything else works with what is left.
 */
export const namespaceSchema = z.string().transform((text) => text.replaceAll(/^\/+|\/+$/g, ''));
