import type { RepairStep } from '../../model/repair/repair';
import { shellWord } from '../words/shell-words';

/** A call of etcdctl as a person would write it. */
export function etcdctl(words: readonly string[]): string {
  return `ETCDCTL_API=3 etcdctl ${words.map(shellWord).join(' ')}`;
}

/** What is removed from the DCS is kept before. */
export const KEEP_STEP: RepairStep = {
  id: 'keep',
  label: 'Keep what is removed in a file on this computer',
  server: null,
  commands: [],
};
