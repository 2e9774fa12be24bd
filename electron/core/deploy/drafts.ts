import { join } from 'node:path';
import { z } from 'zod';
import type { DeployDraft } from '../../../shared/model/deploy/deploy-views';
import { keepDamaged, readPrivateFile, writePrivateFile } from '../platform/private-file';

const fileSchema = z.object({
  version: z.literal(2),
  drafts: z.array(
    z.object({ id: z.string(), title: z.string(), step: z.string(), savedAt: z.number(), spec: z.unknown() }),
  ),
});

/** Forms that were not finished. They hold no password: secrets go to the vault as soon as they are typed. */
export interface Drafts {
  list(): Promise<readonly DeployDraft[]>;
  save(draft: Omit<DeployDraft, 'savedAt'>): Promise<void>;
  remove(id: string): Promise<void>;
}

/** More than this is not kept; the oldest go. */
const most = 20;

/** Opens the drafts of a directory. A damaged file is kept beside and the list starts anew. */
export function openDrafts(directory: string, now: () => number): Drafts {
  const path = join(directory, 'drafts.json');
  let turn: Promise<unknown> = Promise.resolve();
  const load = async (): Promise<DeployDraft[]> => {
    const text = await readPrivateFile(path);
    if (text === null) return [];
    const read = fileSchema.safeParse(parse(text));
    if (read.success) return read.data.drafts;
    await keepDamaged(path, now());
    return [];
  };
  const edit = (change: (drafts: DeployDraft[]) => DeployDraft[]): Promise<void> => {
    const next = turn.then(async () => {
      const drafts = change(await load())
        .sort((a, b) => b.savedAt - a.savedAt)
        .slice(0, most);
      await writePrivateFile(path, JSON.stringify({ version: 2, drafts }));
    });
    turn = next.catch(() => undefined);
    return next;
  };
  return {
    list: () => turn.then(load),
    save: (draft) =>
      edit((drafts) => [...drafts.filter((entry) => entry.id !== draft.id), { ...draft, savedAt: now() }]),
    remove: (id) => edit((drafts) => drafts.filter((entry) => entry.id !== id)),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
