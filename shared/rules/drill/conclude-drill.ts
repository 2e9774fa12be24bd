import type { DrillReport } from '../../model/drill/drill';
import { spanInWords } from '../words/wording';
import { drillFaultWords } from './drill-words';

/** A drill in one sentence or two: what was done, who leads, the longest interruption, and what was lost. */
export function concludeDrill(report: Omit<DrillReport, 'sentence'>, refused: string | null): string {
  if (refused !== null) return `Patroni refused the switchover: ${refused}`;
  const { fault, leaderBefore, leaderAfter } = report;
  return `${drillFaultWords[fault]}: ${leadInWords(leaderBefore, leaderAfter)}. ${worstInWords(report)} ${lossInWords(report)}`;
}

function leadInWords(before: string, after: string | null): string {
  if (after === null) return `nobody is known to lead after ${before}`;
  return after === before ? `${before} leads on` : `${after} leads after ${before}`;
}

function worstInWords({ measures }: Pick<DrillReport, 'measures'>): string {
  const measured = measures.filter(({ end }) => end !== 'not_measured');
  if (measured.length === 0) return 'No interruption could be measured.';
  if (measured.some(({ end }) => end === 'open')) return 'Writes were not back on every way.';
  const longest = Math.max(...measured.map(({ gapMs }) => gapMs ?? 0));
  return longest === 0 ? 'No write was interrupted.' : `The longest interruption was ${spanInWords(longest)}.`;
}

function lossInWords({ measures }: Pick<DrillReport, 'measures'>): string {
  const acknowledged = measures.reduce((sum, measure) => sum + measure.acknowledged, 0);
  if (measures.some(({ lost, acknowledged: some }) => lost === null && some > 0))
    return 'Not all acknowledged writes could be looked for.';
  const lost = measures.reduce((sum, measure) => sum + (measure.lost?.count ?? 0), 0);
  return lost === 0
    ? `All ${acknowledged} acknowledged writes are there.`
    : `${lost} of ${acknowledged} acknowledged writes are lost.`;
}
