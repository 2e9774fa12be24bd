import { guardProcess } from '../core/runtime/last-resort';
import { runCoreProcess } from './core-process';

void runCoreProcess(process.parentPort, (core) => { guardProcess(core.log, () => { process.exit(1); }); });
