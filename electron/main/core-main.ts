import { keepHeapSmall } from '../core/runtime/heap';
import { guardProcess } from '../core/runtime/last-resort';
import { runCoreProcess } from './core-process';

keepHeapSmall();
void runCoreProcess(process.parentPort, (core) => {
  guardProcess(core.log, () => {
    process.exit(1);
  });
});
