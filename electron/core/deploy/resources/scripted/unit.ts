import type { UnitResource } from '../../../../../shared/model/deploy/plan';
import { quoteWord } from '../../../ssh/run/quote';

/** Enables and starts a unit, or restarts or reloads it when what it reads has changed; or stops and disables it. */
export function scriptUnit(resource: UnitResource): string {
  const unit = quoteWord(resource.unit);
  if (resource.wanted === 'off') return `unit_off ${unit}`;
  const how = resource.onChange === 'reload' ? 'reload-or-restart' : 'restart';
  const on = [
    'unit_on',
    unit,
    how,
    resource.noBlock ? '--no-block' : "''",
    ...resource.configuration.map(quoteWord),
  ].join(' ');
  if (resource.alsoReload === null) return on;
  return `${on}\nhup_own ${quoteWord(resource.alsoReload)}`;
}
