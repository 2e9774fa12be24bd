import type { FindingRule } from './finding-view';

/** What was read longer ago than this, ms, is told no more: nobody knows whether it is still so. */
const FORGET_MS = 15 * 60_000;

/**
 * What was found by questions beside the watch, each of them already settled (see settle-findings.ts). Where they can no longer be
 * asked, the last answer is told with its age for a quarter of an hour, or for as long as its source says.
 */
export const reportedFindings: FindingRule = ({ reported, now }) =>
  reported.flatMap(({ findings, asOf, countsMs = FORGET_MS }) => (now - asOf > countsMs ? [] : findings));
