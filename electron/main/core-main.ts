import { keepHeapSmall } from '../core/platform/heap';
import { guardProcess } from '../core/platform/last-resort';
import { runCoreProcess } from './core-process';

keepHeapSmall();
void runCoreProcess(process.parentPort, (core) => {
  guardProcess(core.log, () => {
    process.exit(1);
  });
});
