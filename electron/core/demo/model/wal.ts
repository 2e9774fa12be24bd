/**
 * Where a member stands in the write-ahead log, as a function of time, in bytes. Nothing has to be
 * counted up: a primary writes at a rate, a replica is where its upstream is, or behind it.
 */
export type WalTrack =
  | { readonly kind: 'still'; readonly lsn: number }
  | { readonly kind: 'write'; readonly lsn: number; readonly at: number; readonly bytesPerSecond: number }
  | { readonly kind: 'follow'; readonly upstream: string }
  | {
      readonly kind: 'crawl';
      readonly upstream: string;
      readonly lsn: number;
      readonly at: number;
      readonly bytesPerSecond: number;
    }
  | {
      readonly kind: 'catch_up';
      readonly upstream: string;
      readonly lsn: number;
      readonly at: number;
      readonly until: number;
    };

/** The position of a track at `now`; `upstreamAt` tells the upstream's position. */
export function walPosition(track: WalTrack, now: number, upstreamAt: (name: string) => number): number {
  switch (track.kind) {
    case 'still':
      return track.lsn;
    case 'write':
      return written(track, now);
    case 'follow':
      return upstreamAt(track.upstream);
    case 'crawl':
      return Math.min(written(track, now), upstreamAt(track.upstream));
    case 'catch_up':
      return caughtUp(track, now, upstreamAt(track.upstream));
  }
}

function written(track: { lsn: number; at: number; bytesPerSecond: number }, now: number): number {
  return track.lsn + Math.floor((Math.max(0, now - track.at) / 1000) * track.bytesPerSecond);
}

function caughtUp(track: { lsn: number; at: number; until: number }, now: number, goal: number): number {
  if (now >= track.until) return goal;
  const part = Math.max(0, now - track.at) / (track.until - track.at);
  return Math.floor(track.lsn + (Math.max(goal, track.lsn) - track.lsn) * part);
}
