import type { AppErrorData } from '../../../../shared/model/app-error';
import type { LaneLine, LaneStepStatus } from '../../../../shared/model/deploy/deploy-views';

/** What an execution tells while it goes on. The journal, the lanes and the terminal all listen to the same. */
export interface ExecutionEvents {
  step(id: string, status: LaneStepStatus, error?: AppErrorData): void;
  detail(id: string, text: string): void;
  log(server: string, level: LaneLine['level'], text: string): void;
}
