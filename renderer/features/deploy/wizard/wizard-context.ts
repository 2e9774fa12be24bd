import { createContext, use, useMemo } from 'react';
import { useStore } from 'zustand';
import type { SpecProblem } from '../../../../shared/model/deploy/spec/cluster-spec';
import { problemsOf } from '../../../deployment/form/problems';
import type { Wizard, WizardState } from './wizard-store';

/** Hands the open set-up to its steps. */
export const WizardContext = createContext<Wizard | null>(null);

/** The open set-up. */
export function useWizard(): Wizard {
  const wizard = use(WizardContext);
  if (wizard === null) throw new Error('useWizard outside of the set-up');
  return wizard;
}

/** A part of its state, followed. */
export function useWizardState<T>(select: (state: WizardState) => T): T {
  return useStore(useWizard().store, select);
}

/** The spec as the form has it now. */
export function useSpec() {
  return useWizardState((state) => state.form.spec);
}

/** The errors and warnings of the form now. */
export function useProblems(): readonly SpecProblem[] {
  const spec = useSpec();
  return useMemo(() => problemsOf(spec), [spec]);
}
