import { useState } from 'react';
import type { MemberFileText } from '../../../../shared/model/configure/member-file';

interface HeldFile {
  readonly sha: string;
  readonly text: string;
}

/** What is being written into a member's own files. */
export interface FileDraft {
  readonly text: string;
  readonly isEdited: boolean;
  /** Whether the file was changed since the draft was begun: it cannot be applied as it is. */
  readonly isOld: boolean;
  readonly setText: (text: string) => void;
  /** Puts the draft on the file as it is now, which it then replaces as a whole. */
  readonly takeOver: () => void;
  readonly discard: () => void;
}

/** Drafts by member and path, for as long as the page shows the configuration; secrets are masked in them. */
export function useFileDrafts(): (member: string, file: MemberFileText) => FileDraft {
  const [held, setHeld] = useState<ReadonlyMap<string, HeldFile>>(new Map());
  return (member, file) => {
    const key = JSON.stringify([member, file.path]);
    const draft = held.get(key);
    const present = file.text ?? '';
    const put = (next: HeldFile | null) => {
      const others = [...held].filter(([one]) => one !== key);
      setHeld(new Map(next === null ? others : [...others, [key, next]]));
    };
    const isEdited = draft !== undefined && draft.text !== present;
    return {
      text: draft?.text ?? present,
      isEdited,
      isOld: isEdited && draft.sha !== file.sha,
      setText: (text) => put(text === present ? null : { sha: isEdited ? draft.sha : file.sha, text }),
      takeOver: () => (draft === undefined ? undefined : put({ sha: file.sha, text: draft.text })),
      discard: () => put(null),
    };
  };
}
