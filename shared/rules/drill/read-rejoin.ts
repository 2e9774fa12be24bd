import type { DrillRejoin } from '../../model/drill/drill';

/** What the log of Patroni says when it rewinds (patroni/postgresql/rewind.py) and when it copies (patroni/ha.py, bootstrap.py). */
const REWINDS = /running pg_rewind|pg_rewind exit code=0/i;
const COPIES = /trying to bootstrap from leader|replica has been created using|removing data directory/i;

/** How a former leader came back, from the lines of its Patroni since the fault. Null lines: the log could not be read. */
export function howRejoined(facts: {
  readonly stayed: boolean;
  readonly streams: boolean;
  readonly lines: readonly string[] | null;
}): DrillRejoin['how'] {
  if (facts.stayed) return 'stayed';
  if (!facts.streams) return 'not_back';
  if (facts.lines === null) return 'not_known';
  if (facts.lines.some((line) => COPIES.test(line))) return 'reinit';
  return facts.lines.some((line) => REWINDS.test(line)) ? 'rewind' : 'followed';
}
