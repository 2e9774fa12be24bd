import { HttpOnStreams } from '../http/http-on-streams';
import type { Sim } from '../model/sim';
import { answerPrometheus } from './answer-prometheus';

/** Whose figures a connection is about. */
export interface SimPrometheusTarget {
  readonly sim: Sim;
  /** Brings the model up to the present. */
  readonly catchUp: () => void;
  /** What it collects from, as `host:port`. */
  readonly targets: () => readonly string[];
}

/** The Prometheus of every simulated cluster. */
export function createPrometheusServer(): HttpOnStreams<SimPrometheusTarget> {
  return new HttpOnStreams(({ sim, catchUp, targets }, request, response) => {
    catchUp();
    const url = new URL(request.url ?? '/', 'http://prometheus');
    const { code, body } = answerPrometheus(sim, url.pathname, url.searchParams, targets());
    response.shouldKeepAlive = false;
    response.writeHead(code, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  });
}
