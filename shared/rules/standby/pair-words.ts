import type { PairLink, StandbySource } from '../../model/cluster/cluster-pair';
import { bracketHost } from '../../model/connect/host-port';
import { bytesInWords, spanInWords } from '../words/wording';

/** What a standby cluster follows, as its configuration says it: `10.0.0.1:5432, 10.0.0.2:5432`. */
export function sourceInWords({ places, fromArchive }: StandbySource): string {
  const named = places.map(({ host, port }) => `${bracketHost(host)}:${port}`).join(', ');
  if (named !== '') return named;
  return fromArchive ? 'an archive' : 'a server that its configuration does not name';
}

/** The lag between two clusters in a few words: `16 MB behind`, `no lag`, `lag not known`. */
export function linkLagInWords({ receive, replay }: PairLink): string {
  const behind = replay ?? receive;
  if (behind === null) return 'lag not known';
  return behind === 0 ? 'no lag' : `${bytesInWords(behind)} behind`;
}

const STREAMING: Readonly<Record<PairLink['streaming'], string>> = {
  yes: 'WAL is streamed',
  archive: 'WAL comes from the archive',
  no: 'does not stream',
  not_known: 'not known whether it streams',
};

/** Whether WAL arrives, in a few words. */
export function streamingInWords({ streaming }: PairLink): string {
  return STREAMING[streaming];
}

/**
 * How much would be lost if the followed cluster were gone, as sentences: bytes as last read, and the time of the last transaction that is
 * there. `now` in ms since the epoch.
 */
export function lossInSentences({ receive, asOf, current, why, replayedAt }: PairLink, now: number): readonly string[] {
  const age = asOf === null ? 'at a time that is not known' : `${spanInWords(now - asOf)} ago`;
  const bytes =
    receive === null
      ? `How much WAL it lacks is not known: ${why ?? 'its position was not read.'}`
      : `It lacked ${bytesInWords(receive)} of WAL when both positions were last read, ${age}` +
        (current ? '.' : '; what was written since then is not known here.');
  const time =
    replayedAt === null
      ? 'When its last transaction was committed is not known.'
      : `The last transaction that it has replayed was committed ${spanInWords(now - replayedAt)} ago.`;
  return [bytes, time];
}
