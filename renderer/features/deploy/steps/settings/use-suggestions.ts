import { useEffect, useMemo } from 'react';
import type { ServerFactsView, SuggestedParameter } from '../../../../../shared/model/deploy/deploy-views';
import type { SmallestMachine } from '../../../../../shared/rules/deploy/spec/complete-file';
import { suggestParameters } from '../../../../../shared/rules/deploy/spec/suggest';
import { smallestMember, withSuggestions } from '../../../../deployment/form/parameters';
import { useSpec, useWizard, useWizardState } from '../../wizard/wizard-context';
import type { WizardState } from '../../wizard/wizard-store';

function seenFacts(inspections: WizardState['inspections']): ReadonlyMap<string, ServerFactsView> {
  return new Map(
    Object.entries(inspections).flatMap(([key, inspection]) =>
      inspection.kind === 'done' && inspection.result.facts !== null ? [[key, inspection.result.facts] as const] : [],
    ),
  );
}

/**
 * The parameters suggested for the smallest member, and that machine; both are empty until one was inspected. A form that leaves its
 * parameters open takes the suggestions over once.
 */
export function useSuggestions(solidState = true): {
  readonly machine: SmallestMachine | null;
  readonly suggestions: readonly SuggestedParameter[];
} {
  const wizard = useWizard();
  const spec = useSpec();
  const inspections = useWizardState((state) => state.inspections);
  const suggested = useWizardState((state) => state.form.suggested);
  const machine = useMemo(() => smallestMember(spec, seenFacts(inspections)), [spec, inspections]);
  const suggestions = useMemo(
    () => (machine === null ? [] : suggestParameters({ ...machine, solidState })),
    [machine, solidState],
  );
  useEffect(() => {
    if (suggested || suggestions.length === 0) return;
    wizard.change((form) => ({
      ...form,
      suggested: true,
      spec: {
        ...form.spec,
        postgres: { ...form.spec.postgres, parameters: withSuggestions(form.spec.postgres.parameters, suggestions) },
      },
    }));
  }, [wizard, suggested, suggestions]);
  return { machine, suggestions };
}
