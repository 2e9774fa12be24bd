import { demoTarget } from '../support/cluster/demo-target';
import { describeConformance } from './conformance/suite';

for (const version of ['2.1.7', '3.0.2', '3.3.8', '4.0.7', '4.1.4']) {
  describeConformance(`the simulated cluster with Patroni ${version}`, () => demoTarget(version, 20));
}
