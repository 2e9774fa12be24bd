import { appError, type AppError } from '../../../shared/model/app-error';
import type { Demo } from '../rpc/services';

function notReady(what: string): AppError {
  return appError('app.not_ready', `${what} cannot be used in this build.`, { hint: 'Use a build that has it.' });
}

/** A demo that says so. */
export function demoNotReady(): Demo {
  const reject = () => Promise.reject(notReady('The demo'));
  return { running: () => false, start: reject, stop: () => Promise.resolve(), faults: () => [], inject: reject, heal: reject };
}
