import type { FailoverPreset, SuggestedParameter } from '../../../model/deploy/deploy-views';

/** The machine the parameters are for. */
export interface MachineSize {
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly solidState: boolean;
}

const megabyte = 1024 ** 2;

/** Parameters from memory, processors and disk, each with the reason for its value. The smallest member counts. */
export function suggestParameters(machine: MachineSize): readonly SuggestedParameter[] {
  const megabytes = Math.floor(machine.memoryBytes / megabyte);
  const buffers = clamp(Math.floor(megabytes / 4), 128, 16_384);
  const work = clamp(Math.floor(megabytes / 400), 4, 64);
  const workers = clamp(machine.cpus, 2, 64);
  return [
    { name: 'max_connections', value: '200', reason: 'Enough behind PgBouncer; each connection costs memory.' },
    { name: 'shared_buffers', value: `${buffers}MB`, reason: 'A quarter of the memory, 16 GB at most.' },
    {
      name: 'effective_cache_size',
      value: `${Math.floor(megabytes * 0.7)}MB`,
      reason: 'What the system will use to cache files; it only guides the planner.',
    },
    {
      name: 'work_mem',
      value: `${work}MB`,
      reason: 'For each sort or hash of each connection; small, so that many at once fit.',
    },
    {
      name: 'maintenance_work_mem',
      value: `${clamp(Math.floor(megabytes / 16), 64, 2048)}MB`,
      reason: 'For VACUUM and CREATE INDEX, of which few run at once.',
    },
    {
      name: 'wal_keep_size',
      value: '1GB',
      reason: 'A replica that was away for a moment finds its WAL without a slot, too.',
    },
    {
      name: 'max_wal_size',
      value: megabytes >= 8192 ? '8GB' : '2GB',
      reason: 'Fewer checkpoints under load, at the price of a longer recovery.',
    },
    { name: 'checkpoint_completion_target', value: '0.9', reason: 'Spreads the writing of a checkpoint.' },
    {
      name: 'random_page_cost',
      value: machine.solidState ? '1.1' : '4',
      reason: machine.solidState
        ? 'On solid-state disks random reads cost about as much as sequential ones.'
        : 'The default, right for turning disks.',
    },
    {
      name: 'effective_io_concurrency',
      value: machine.solidState ? '200' : '2',
      reason: 'How many reads the disk takes at once.',
    },
    { name: 'max_worker_processes', value: String(Math.max(8, workers)), reason: 'At least as many as processors.' },
    { name: 'max_parallel_workers', value: String(workers), reason: 'One for each processor.' },
    {
      name: 'max_parallel_workers_per_gather',
      value: String(clamp(Math.floor(workers / 2), 1, 4)),
      reason: 'A query takes no more than half of the processors.',
    },
    {
      name: 'hot_standby_feedback',
      value: 'on',
      reason: 'Long queries on replicas are not cancelled by VACUUM on the leader.',
    },
    { name: 'log_checkpoints', value: 'on', reason: 'Shows in the log why writes were slow.' },
    { name: 'log_lock_waits', value: 'on', reason: 'Shows who waits for whom.' },
  ];
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** Presets of the failover speed; all keep loop_wait + 2 × retry_timeout within ttl. */
export const failoverPresets: readonly FailoverPreset[] = [
  {
    id: 'fastest',
    label: 'Fastest',
    ttl: 20,
    loopWait: 5,
    retryTimeout: 5,
    sentence: 'A failed leader is replaced after about 20 s; a short network glitch can cause a failover.',
  },
  {
    id: 'fast',
    label: 'Fast',
    ttl: 25,
    loopWait: 5,
    retryTimeout: 10,
    sentence: 'A failed leader is replaced after about 25 s.',
  },
  {
    id: 'normal',
    label: 'Normal',
    ttl: 30,
    loopWait: 10,
    retryTimeout: 10,
    sentence: "Patroni's defaults: a failed leader is replaced after about 30 s.",
  },
  {
    id: 'patient',
    label: 'Patient',
    ttl: 60,
    loopWait: 10,
    retryTimeout: 20,
    sentence: 'For unreliable networks: a failed leader is replaced after about a minute.',
  },
];
