import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { withDeadline } from '../../platform/wait';
import { appError } from '../../../../shared/model/app-error';
import type { CertificatePort } from '../../../../shared/rules/deploy/certificate-ports';
import type { ProbeContext } from '../facts/probe-context';
import { until, type ApplyContext } from '../resources/context';
import type { IssuedCertificate } from '../resources/script-context';
import { answerMs, requestTls } from '../resources/postgres-wire';

/** Patroni reads its certificate again in its next round, every loop_wait (10 s unless set otherwise); this is several rounds. */
const limitMs = 90_000;
const everyMs = 300;

/** What the wait works with. */
export type ShownContext = Pick<ApplyContext, 'signal' | 'now' | 'sleep' | 'detail'> & {
  readonly probes: ProbeContext;
};

/**
 * Waits until every port shows the certificate that was made for it. A service that was told to read its certificate again does so some
 * time later: whatever must not happen before (the authority that signed the former one leaves) has to wait for this.
 * Throws `deploy.certificate_not_shown`; a stop ends the wait early.
 */
export async function awaitShown(
  endpoints: readonly CertificatePort[],
  issued: ReadonlyMap<string, IssuedCertificate>,
  context: ShownContext,
): Promise<void> {
  let left = endpoints.filter((endpoint) => issued.has(endpoint.step));
  const all = left.length;
  await until(context, limitMs, everyMs, async () => {
    const shown = await Promise.all(
      left.map((endpoint) => shows(endpoint, issued.get(endpoint.step)?.cert ?? '', context.probes)),
    );
    left = left.filter((_, index) => shown[index] !== true);
    context.detail(`${all - left.length} of ${all} services show their new certificate.`);
    return left.length === 0 ? true : undefined;
  });
  const [late] = left;
  if (late === undefined || context.signal.aborted) return;
  throw appError(
    'deploy.certificate_not_shown',
    `${late.label} on ${late.server} (${late.address}:${late.port}) does not show its new certificate.`,
    {
      target: late.server,
      retryable: true,
      hint: 'Look at the log of this service. Then rotate again: it goes on from where it stands, and until then everybody trusts both.',
    },
  );
}

async function shows(endpoint: CertificatePort, cert: string, probes: ProbeContext): Promise<boolean> {
  const shown = await shownCertificate(endpoint, probes).catch(() => null);
  return shown !== null && shown.equals(new X509Certificate(cert).raw);
}

/** The certificate a port shows, DER; null when there is none. It is only read: whether it is trusted is not asked here. */
async function shownCertificate(
  { server, address, port, start }: CertificatePort,
  { connectNamed, tls }: ProbeContext,
): Promise<Buffer | null> {
  const stream = await connectNamed(server).dial(address, port, answerMs);
  try {
    if (start === 'postgres' && (await requestTls(stream)) !== '') return null;
    return await peerOf(stream, tls);
  } finally {
    stream.destroy();
  }
}

async function peerOf(stream: Duplex, tls: ProbeContext['tls']): Promise<Buffer | null> {
  const secured = connectTls({ socket: stream, cert: tls?.cert, key: tls?.key, rejectUnauthorized: false });
  secured.on('error', () => undefined);
  try {
    await withDeadline({ timeoutMs: answerMs }, (signal) => once(secured, 'secureConnect', { signal }));
    return secured.getPeerX509Certificate()?.raw ?? null;
  } catch {
    return null;
  } finally {
    secured.destroy();
  }
}
