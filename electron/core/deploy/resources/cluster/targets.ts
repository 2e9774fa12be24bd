import { appError } from '../../../../../shared/model/app-error';
import { bracketHost } from '../../../../../shared/model/connect/host-port';
import type { TargetsResource } from '../../../../../shared/model/deploy/plan';
import { connectPrometheus, type PrometheusClient } from '../../../prometheus/ask-prometheus';
import { until, type ApplyContext } from '../context';

/** Each target is asked for the first time within its interval of 15 s; an exporter may have to wait for PostgreSQL. */
const upLimitMs = 120_000;

/** Waits until Prometheus has heard from every target and read its rules; names those that it has not heard from. */
export async function awaitTargets(resource: TargetsResource, context: ApplyContext): Promise<void> {
  const { prometheus } = resource;
  const client = connectPrometheus({ host: prometheus.address, port: prometheus.port }, (host, port, timeoutMs) =>
    context.connectNamed(prometheus.server).dial(host, port, timeoutMs),
  );
  let last = '';
  const all = await until(context, upLimitMs, 1000, async () => {
    last = await missing(resource, client).catch((thrown: unknown) => (thrown instanceof Error ? thrown.message : ''));
    context.detail(last);
    return last === '' ? true : undefined;
  });
  if (all === true) return;
  throw appError('deploy.targets_down', `Prometheus on ${prometheus.server} does not collect everything: ${last}`, {
    target: prometheus.server,
    retryable: true,
    hint: 'See whether these ports are reached from that server, and what runs there; then resume.',
  });
}

/** What Prometheus lacks, in a sentence; empty where it lacks nothing. */
async function missing({ targets }: TargetsResource, client: PrometheusClient): Promise<string> {
  const found = new Map((await client.targets()).map((target) => [target.address, target]));
  const wanted = targets.map(({ address, port }) => `${bracketHost(address)}:${port}`);
  const down = wanted.filter((address) => found.get(address)?.health !== 'up');
  if (down.length > 0) {
    const words = found.get(down[0] ?? '')?.lastError ?? '';
    return `${down.join(', ')} ${down.length === 1 ? 'has' : 'have'} told nothing yet${words === '' ? '.' : ` (${words}).`}`;
  }
  return (await client.alertRules()) > 0 ? '' : 'It has read no alert rules.';
}
