import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { FleetColumn, MemberColumn, Settings } from '../../shared/model/app/settings';
import { usePage } from './hooks';

/** Columns that are hidden, and how others are chosen; the choice is kept in the settings. */
export interface HiddenColumns<Column> {
  readonly hidden: ReadonlySet<Column>;
  readonly onHidden: (hidden: readonly Column[]) => void;
}

/** The columns of the table of members that are hidden. */
export function useMemberColumns(): HiddenColumns<MemberColumn> {
  const chosen = useSettings()?.hiddenMemberColumns;
  const save = useSave();
  return useHidden(chosen, (hidden) => save({ hiddenMemberColumns: [...hidden] }));
}

/** The columns of the fleet that are hidden. */
export function useFleetColumns(): HiddenColumns<FleetColumn> {
  const chosen = useSettings()?.hiddenFleetColumns;
  const save = useSave();
  return useHidden(chosen, (hidden) => save({ hiddenFleetColumns: [...hidden] }));
}

function useHidden<Column>(
  chosen: readonly Column[] | undefined,
  onHidden: (hidden: readonly Column[]) => void,
): HiddenColumns<Column> {
  const hidden = useMemo(() => new Set(chosen), [chosen]);
  return { hidden, onHidden };
}

function useSettings(): Settings | null {
  return useStore(usePage().settings, ({ value }) => value);
}

/** Saves a part of the settings; where that fails, the page goes on with what the core has. */
function useSave(): (change: Partial<Settings>) => void {
  const page = usePage();
  return (change) => {
    const { value } = page.settings.getState();
    if (value === null) return;
    void page.call((client) => client.app.saveSettings({ ...value, ...change })).catch(() => undefined);
  };
}
