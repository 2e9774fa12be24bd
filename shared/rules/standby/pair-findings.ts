import type { ClusterPair, FollowedSite, FollowingSite, PairLink } from '../../model/cluster/cluster-pair';
import type { Finding } from '../../model/cluster/cluster-state';
import { sourceInWords, streamingInWords } from './pair-words';

/**
 * What is wrong between a cluster and those that it follows or that follow it. What cannot be seen is told too: a standby cluster that
 * nobody can ask is none to rely on. Pure.
 */
export function findPairTrouble(pair: ClusterPair): readonly Finding[] {
  return [
    ...(pair.follows === null ? [] : troubleAbove(pair.follows)),
    ...pair.followedBy.flatMap((follower) => troubleBelow(follower)),
  ];
}

function troubleAbove({ source, site, link }: FollowedSite): readonly Finding[] {
  const subject = site?.clusterId ?? sourceInWords(source);
  const name = site?.title ?? sourceInWords(source);
  if (site?.system === 'different')
    return [
      {
        code: 'standby.other_system',
        severity: 'warning',
        member: null,
        subject,
        sentence: `This cluster is to follow ${name}, which has another system identifier.`,
        evidence: `standby_cluster names ${sourceInWords(source)}.`,
        advice:
          'It cannot receive WAL from there. Either another cluster has the same address at its site, or the data has to be copied anew.',
      },
    ];
  if (link.streaming !== 'no') return [];
  return [
    {
      code: 'standby.not_streaming',
      severity: 'warning',
      member: null,
      subject,
      sentence: `This standby cluster does not receive WAL from ${name}.`,
      evidence: evidenceOf(link),
      advice: `Look at the PostgreSQL log of its leader, at pg_hba.conf of ${name}, and at the network between the two.`,
    },
  ];
}

function troubleBelow({ site, link }: FollowingSite): readonly Finding[] {
  const found = { member: null, subject: site.clusterId, evidence: evidenceOf(link) };
  if (site.system === 'different') return [];
  if (link.streaming === 'no')
    return [
      {
        ...found,
        code: 'standby.follower_lost',
        severity: 'warning',
        sentence: `Standby cluster ${site.title} does not receive WAL from this cluster any more.`,
        advice:
          'What is written now is not at the other site. Its permanent slot, where it has one, keeps WAL here until it is back.',
      },
    ];
  if (link.streaming !== 'not_known') return [];
  return [
    {
      ...found,
      code: 'standby.follower_not_seen',
      severity: 'warning',
      sentence: `Whether standby cluster ${site.title} still follows this cluster is not known.`,
      advice: `Look at the connections to ${site.title}.`,
    },
  ];
}

function evidenceOf(link: PairLink): string {
  const words = streamingInWords(link);
  const sentence = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
  return link.why === null ? sentence : `${sentence} ${link.why}`;
}
