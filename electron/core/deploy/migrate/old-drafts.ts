import { z } from 'zod';
import type { DeployDraft } from '../../../../shared/model/deploy/deploy-views';
import { namespaceSchema } from '../../../../shared/model/cluster/namespace';
import { inlineSshSchema } from '../../../../shared/model/deploy/spec/server-spec';
import type { MachineOf } from '../identity/identify';
import { belongsTo, derivedId, type MigratedCluster } from './old-runs';

const draftSchema = z.object({
  id: z.string(),
  title: z.string(),
  step: z.string(),
  savedAt: z.number(),
  spec: z.unknown(),
});
/** A form as version 0.1.0 kept it. */
export type OldDraft = z.infer<typeof draftSchema>;

/** The drafts of version 0.1.0. */
export const oldDraftsSchema = z.object({ version: z.literal(1), drafts: z.array(draftSchema) });

/** As much of a form as is needed to know its cluster. */
const formSchema = z.looseObject({
  spec: z.looseObject({
    scope: z.string(),
    namespace: namespaceSchema,
    servers: z.array(z.looseObject({ ssh: z.union([z.strictObject({ server: z.string() }), inlineSshSchema]) })),
  }),
  run: z.looseObject({ id: z.string() }).nullable().optional(),
});

/** A draft in the present form, and the id of its cluster; null for a form that cannot be read, which stays as it is. */
export function migrateDraft(
  draft: OldDraft,
  clusters: readonly MigratedCluster[],
  machineOf: MachineOf,
): { readonly draft: DeployDraft; readonly clusterId: string | null } {
  const form = formSchema.safeParse(draft.spec);
  if (!form.success) return { draft, clusterId: null };
  const { spec, run } = form.data;
  const machines = new Set(spec.servers.map(machineOf));
  const own = clusters.find(
    (cluster) =>
      cluster.runs.some(({ head }) => head.id === run?.id) ||
      belongsTo({ scope: spec.scope, namespace: spec.namespace }, machines, cluster),
  );
  const clusterId = own?.id ?? derivedId(`draft ${draft.id}`);
  return { draft: { ...draft, spec: { ...form.data, spec: { ...spec, id: clusterId } } }, clusterId };
}

/** The scope a form is for; empty where it cannot be read. */
export function scopeOfDraft(draft: DeployDraft): string {
  const form = formSchema.safeParse(draft.spec);
  return form.success ? form.data.spec.scope : '';
}
