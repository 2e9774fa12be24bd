import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError } from '../../../shared/model/app-error';

const notHere = (): Promise<never> => Promise.reject(appError('demo.not_here', 'The double does not do this.'));

/** No drill was held, and one month has a record, which cannot be read. */
export function drillsDouble() {
  const { drills, availability } = implement(contract);
  return {
    drills: {
      view: drills.view.handler(() => ({ reports: [], left: null, unreadable: [] })),
      preview: drills.preview.handler(notHere),
      start: drills.start.handler(notHere),
      clean: drills.clean.handler(notHere),
    },
    availability: {
      months: availability.months.handler(({ input }) => [{ year: 2025, month: 3, zone: input.zone }]),
      report: availability.report.handler(notHere),
    },
  };
}
