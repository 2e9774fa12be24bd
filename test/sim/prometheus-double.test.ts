import { startPrometheusDouble } from '../support/prometheus/prometheus-double';
import { describePrometheus } from './conformance/prometheus';

describePrometheus('the double of a Prometheus', async () => {
  const double = await startPrometheusDouble(['up', 'patroni_xlog_location']);
  return {
    host: '127.0.0.1',
    port: double.port,
    hasMetric: 'up',
    close: () => {
      double.close();
      return Promise.resolve();
    },
  };
});
