import type { PairedSite } from '../../model/cluster/cluster-pair';

/** The way of one cluster through its timelines: where those that are over ended, and where it stands. Positions in bytes. */
export type TimelinePath = Pick<PairedSite, 'history' | 'timeline' | 'lsn'>;

/**
 * What one cluster has written that another one does not have: `bytes` of WAL since the two parted at `lsn` on `timeline`. `not_known`
 * where a position or a timeline was not read, or where they have no timeline in common. `rewound`: Patroni notices and rewinds it. It
 * compares timelines by their numbers (patroni/postgresql/rewind.py), so that it does not where both went on to timelines of the same numbers.
 */
export type Divergence =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'own';
      readonly timeline: number;
      readonly lsn: number;
      readonly bytes: number;
      readonly rewound: boolean;
    }
  | { readonly kind: 'not_known' };

interface End {
  readonly timeline: number;
  readonly lsn: number;
}

/** The ends of all timelines, the present position last; null where it is not known. */
function endsOf({ history, timeline, lsn }: TimelinePath): readonly End[] | null {
  if (timeline === null || lsn === null) return null;
  return [...history.filter((end) => end.timeline < timeline), { timeline, lsn }];
}

/**
 * What `mine` has beyond `theirs`. PostgreSQL numbers timelines by counting, so that two clusters may have timelines of the same number
 * that begin at different positions: they parted where the first of their timelines ended at another position. Pure.
 */
export function divergenceOf(mine: TimelinePath, theirs: TimelinePath): Divergence {
  const [own, other] = [endsOf(mine), endsOf(theirs)];
  const last = own?.at(-1);
  if (own === null || other === null || last === undefined) return { kind: 'not_known' };
  const parted = own.findIndex(({ timeline, lsn }, index) => {
    const end = other[index];
    return end === undefined || end.timeline !== timeline || end.lsn !== lsn;
  });
  const [here, there] = [own[parted], other[parted]];
  if (parted < 0) return { kind: 'none' };
  if (here === undefined || there === undefined || here.timeline !== there.timeline)
    return parted === 0 || here === undefined ? { kind: 'not_known' } : beyond(own[parted - 1], last, other);
  if (here === last && here.lsn <= there.lsn) return { kind: 'none' };
  const lsn = Math.min(here.lsn, there.lsn);
  return beyond({ timeline: here.timeline, lsn }, last, other);
}

function beyond(end: End | undefined, last: End, other: readonly End[]): Divergence {
  const theirs = other.at(-1)?.timeline ?? 0;
  return end === undefined
    ? { kind: 'not_known' }
    : {
        kind: 'own',
        timeline: end.timeline,
        lsn: end.lsn,
        bytes: Math.max(0, last.lsn - end.lsn),
        rewound: last.timeline > theirs || (last.timeline === end.timeline && last.timeline < theirs),
      };
}
