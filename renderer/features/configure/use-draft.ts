import { useEffect, useMemo, useState } from 'react';
import { mergeConfigs, stableText, withValue, type ConfigConflict } from '../../../shared/rules/configure/config-patch';
import {
  editConfigYaml,
  readConfigYaml,
  writeConfigYaml,
  type ReadConfigYaml,
} from '../../../shared/rules/configure/yaml/config-yaml';

type Json = Readonly<Record<string, unknown>>;

/** What is kept of a draft: the configuration it was begun from, and its text. */
interface HeldDraft {
  readonly base: Json;
  readonly text: string;
}

/** The one draft of a cluster's configuration that the form and the editor show. */
export interface ConfigDraft {
  readonly base: Json;
  readonly text: string;
  readonly read: ReadConfigYaml;
  /** The draft as values; the last readable ones stay on the form while the text cannot be read. */
  readonly config: Json;
  readonly isEdited: boolean;
  /** What somebody else changed since the draft was begun; null when nobody did. */
  readonly news: { readonly conflicts: readonly ConfigConflict[] } | null;
  readonly setText: (text: string) => void;
  /** Like `merge`, it does nothing while the text cannot be read: what is being written would be lost. */
  readonly setValue: (path: readonly string[], value: unknown) => void;
  /** Puts the draft on the present configuration; `keep` says whose value stays where both changed one. */
  readonly merge: (keep: 'mine' | 'theirs') => void;
  readonly discard: () => void;
}

const keyOf = (clusterId: string) => `matriarch.config-draft.${clusterId}`;

function load(clusterId: string): HeldDraft | null {
  try {
    const held: unknown = JSON.parse(window.sessionStorage.getItem(keyOf(clusterId)) ?? 'null');
    return isHeld(held) ? held : null;
  } catch {
    return null;
  }
}

function isHeld(value: unknown): value is HeldDraft {
  return (
    typeof value === 'object' && value !== null && 'base' in value && 'text' in value && typeof value.text === 'string'
  );
}

/** Keeps the draft over a change of the page and a reload; without room for it, for this page only. */
function save(clusterId: string, held: HeldDraft | null): void {
  try {
    if (held === null) window.sessionStorage.removeItem(keyOf(clusterId));
    else window.sessionStorage.setItem(keyOf(clusterId), JSON.stringify(held));
  } catch {
    return;
  }
}

/** The draft of a cluster whose present configuration is `raw`. Without an edit it follows the cluster. */
export function useDraft(clusterId: string, raw: Json): ConfigDraft {
  const [held, setHeld] = useState(() => load(clusterId));
  const fresh = useMemo(() => ({ base: raw, text: writeConfigYaml(raw) }), [raw]);
  const heldRead = useMemo(() => (held === null ? null : readConfigYaml(held.text)), [held]);
  const isSame = (one: Json) => heldRead?.config != null && stableText(heldRead.config) === stableText(one);
  const isDone = held !== null && isSame(raw);
  // What was applied is the base of what is edited next.
  if (isDone && stableText(held.base) !== stableText(raw)) setHeld({ base: raw, text: held.text });
  // What was applied is no draft any more: after a reload, a change by somebody else must not make it one again.
  useEffect(() => {
    if (isDone) save(clusterId, null);
  }, [clusterId, isDone]);
  const isEdited = held !== null && !isDone && !isSame(held.base);
  const { base, text } = held !== null && (isEdited || isDone) ? held : fresh;
  const read = useMemo(() => readConfigYaml(text), [text]);
  const config = read.config ?? base;
  const hold = (next: HeldDraft | null) => {
    save(clusterId, next);
    setHeld(next);
  };
  return {
    base: isEdited ? base : raw,
    text,
    read,
    config,
    isEdited,
    news:
      isEdited && read.config !== null && stableText(base) !== stableText(raw)
        ? { conflicts: mergeConfigs(base, config, raw).conflicts }
        : null,
    setText: (next) => hold({ base: isEdited ? base : raw, text: next }),
    setValue: (path, value) => {
      if (read.config === null) return;
      hold({
        base: isEdited ? base : raw,
        text: editConfigYaml(text, path, value) ?? writeConfigYaml(withValue(config, path, value)),
      });
    },
    merge: (keep) => {
      if (read.config === null) return;
      const merged = keep === 'mine' ? mergeConfigs(base, config, raw).merged : mergeConfigs(base, raw, config).merged;
      hold({ base: raw, text: writeConfigYaml(merged) });
    },
    discard: () => hold(null),
  };
}
