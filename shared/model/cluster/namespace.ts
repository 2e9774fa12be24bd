import { z } from 'zod';

/**
 * Where in the DCS a cluster has its keys. Patroni takes slashes at either end and several in a row for the same namespace
 * (dcs/__init__.py, _base_path), so they are taken off here, where a namespace is read; everything else works with what is left.
 * Nothing is left of a namespace that is only `/`.
 */
export const namespaceSchema = z
  .string()
  .transform((text) => text.replaceAll(/^\/+|\/+$/g, '').replaceAll(/\/+/g, '/'));
