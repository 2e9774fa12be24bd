import type { ReportedFigures } from '../../model/alerts/figure';
import type { CertificateDetails, CertificateInventory, TlsPort } from '../../model/certificates/certificates';
import type { Finding } from '../../model/cluster/cluster-state';
import { momentInWords } from '../words/wording';
import { daysInWords, daysLeft, placeInWords } from './certificate-words';

/** Names what is found about certificates at the hub. */
export const CERTIFICATES_SOURCE = 'certificates';

/** A certificate that lasts fewer days is found, and alerts unless the user sets another number. */
export const WARNING_DAYS = 21;
/** With fewer days it is critical. */
export const CRITICAL_DAYS = 7;

/** What a place shows, or showed when it was last read; null where that is not known, or there is no TLS. */
export function certificateOf({ sight }: TlsPort): CertificateDetails | null {
  switch (sight.kind) {
    case 'shown':
      return sight.certificate;
    case 'not_read':
      return sight.last?.certificate ?? null;
    case 'plain':
      return null;
  }
}

/** What is not as it should be about the certificates of a cluster. Pure: judged by when they were read. */
export function findCertificateTrouble({ places, isRotatable, asOf }: CertificateInventory): readonly Finding[] {
  const renew = isRotatable
    ? 'Renew it: Maintenance, Repair, Renew certificates. That works over SSH alone, also where the cluster is down.'
    : 'Renew it where it was made, and put it in place: Maintenance, Repair, Renew certificates.';
  return places.flatMap((place) =>
    [inTime(place, asOf, renew), inUse(place), trusted(place), named(place)].filter((finding) => finding !== null),
  );
}

type About = Pick<Finding, 'code' | 'severity' | 'sentence' | 'evidence' | 'advice'>;

function finding(place: TlsPort, about: About): Finding {
  return { ...about, member: null, subject: placeInWords(place) };
}

function evidenceOf({ subject, issuer, fingerprint }: CertificateDetails): string {
  return `Subject ${subject || 'none'}, issued by ${issuer || 'nobody that it names'}, SHA-256 ${fingerprint}.`;
}

function inTime(place: TlsPort, now: number, renew: string): Finding | null {
  const certificate = certificateOf(place);
  if (certificate === null) return null;
  const { from, until } = certificate;
  const [what, evidence] = [`The certificate that ${placeInWords(place)} shows`, evidenceOf(certificate)];
  if (until <= now) {
    const sentence = `${what} ended ${daysInWords(until, now)}: whoever verifies it refuses the connection.`;
    return finding(place, { code: 'certificate.ended', severity: 'critical', sentence, evidence, advice: renew });
  }
  if (from > now) {
    const sentence = `${what} is valid only from ${momentInWords(from)}: whoever verifies it refuses the connection.`;
    const advice = 'Compare the clocks of the servers and of the one that made it.';
    return finding(place, { code: 'certificate.not_yet', severity: 'critical', sentence, evidence, advice });
  }
  const days = daysLeft(until, now);
  if (days >= WARNING_DAYS) return null;
  return finding(place, {
    code: 'certificate.ending',
    severity: days < CRITICAL_DAYS ? 'critical' : 'warning',
    sentence: `${what} ends ${daysInWords(until, now)}, on ${momentInWords(until)}.`,
    evidence,
    advice: renew,
  });
}

function inUse(place: TlsPort): Finding | null {
  const { file, sight } = place;
  if (file.kind !== 'differs' || sight.kind !== 'shown') return null;
  const isNewer = file.certificate.until > sight.certificate.until;
  const what = isNewer
    ? 'still shows an older certificate than its file holds'
    : 'shows another certificate than its file holds';
  return finding(place, {
    code: 'certificate.not_in_use',
    severity: 'warning',
    sentence: `${placeInWords(place)} ${what}.`,
    evidence:
      `${file.path} holds one until ${momentInWords(file.certificate.until)}, the service shows one until ` +
      `${momentInWords(sight.certificate.until)}.`,
    advice: 'Reload the service, or restart it where it reads its certificate only then.',
  });
}

function trusted(place: TlsPort): Finding | null {
  const { trust, sight } = place;
  const isOver = sight.kind === 'shown' && trust.kind === 'refused' && /has ended|not valid yet/.test(trust.why);
  if (trust.kind !== 'refused' || sight.kind !== 'shown' || isOver) return null;
  return finding(place, {
    code: 'certificate.not_trusted',
    severity: 'warning',
    sentence: `${trust.by} does not trust the certificate that ${placeInWords(place)} shows.`,
    evidence: `${trust.why[0]?.toUpperCase() ?? ''}${trust.why.slice(1)}. ${evidenceOf(sight.certificate)}`,
    advice: 'Put the authority that signed it into that file, or have the certificate signed by one that is in it.',
  });
}

function named(place: TlsPort): Finding | null {
  const { name, sight } = place;
  if (name.kind !== 'differs' || !name.matters || sight.kind !== 'shown') return null;
  const { names } = sight.certificate;
  return finding(place, {
    code: 'certificate.wrong_name',
    severity: 'warning',
    sentence: `The certificate that ${placeInWords(place)} shows is not good for ${name.address}, by which the members reach it.`,
    evidence: names.length === 0 ? 'It names no host.' : `It names ${names.slice(0, 8).join(', ')}.`,
    advice: 'Have it made anew with this name or address among its alternative names.',
  });
}

/** When each certificate ends, for the alert whose threshold the user sets. `isWhole`: no configuration was never read. */
export function certificateFigures({ places }: CertificateInventory, isWhole: boolean): ReportedFigures {
  return {
    figures: places.flatMap((place) => {
      const certificate = certificateOf(place);
      if (certificate === null) return [];
      const subject = placeInWords(place);
      const words = `The certificate that ${subject} shows`;
      return [{ kind: 'certificate_end' as const, subject, value: certificate.until, words }];
    }),
    unseen: places.flatMap((place) =>
      place.sight.kind === 'not_read' && place.sight.last === null ? [placeInWords(place)] : [],
    ),
    isWhole,
  };
}
