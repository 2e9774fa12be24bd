import { runCoreProcess } from './core-process';

void runCoreProcess(process.parentPort);
