import { appError, type AppError } from '../../../shared/model/app-error';
import type { ClusterHub } from '../clusters/hub';
import type { Demo, Discovery, Operations } from '../rpc/services';

function notReady(what: string): AppError {
  return appError('app.not_ready', `${what} cannot be used in this build.`, { hint: 'Use a build that has it.' });
}

/** A hub that watches nothing. */
export function hubNotReady(): ClusterHub {
  return {
    state: () => null, entry: () => null, rest: () => null, etcd: () => null, events: () => [], record: () => undefined,
    watch: () => { throw notReady('Live clusters'); },
    fleet: (listener) => { listener({ kind: 'snapshot', clusters: [] }); return () => undefined; },
    follow: () => () => undefined,
    refresh: () => Promise.reject(notReady('Live clusters')),
    close: () => Promise.resolve(),
  };
}

export function discoveryNotReady(): Discovery {
  const reject = () => Promise.reject(notReady('Discovery'));
  return { discover: reject, addDiscovered: reject, addDirect: reject };
}

export function operationsNotReady(): Operations {
  const reject = () => Promise.reject(notReady('Operations'));
  return { preview: reject, start: reject };
}

export function demoNotReady(): Demo {
  const reject = () => Promise.reject(notReady('The demo'));
  return { running: () => false, start: reject, stop: () => Promise.resolve(), faults: () => [], inject: reject, heal: reject };
}
