import { z } from 'zod';
import { adviceRuleIdSchema, type AdviceReport, type AdviceUpdate } from '../model/advice/advice';
import { call, of, stream } from './procedures';

const ofCluster = z.object({ clusterId: z.string().max(200) });
const ofRule = ofCluster.extend({ rule: adviceRuleIdSchema });

/** What could be better in a cluster, and what of it was set aside. */
export const advice = {
  /** First everything, then everything again with each change. */
  watch: stream(ofCluster, of<AdviceUpdate>()),
  /** Reads the cluster anew, over SSH, by etcd and REST; reads only. */
  read: call(ofCluster, of<AdviceReport>()),
  /** With a reason; kept on this computer. Rejects with `advice.unknown`. */
  setAside: call(ofRule.extend({ reason: z.string().trim().min(1).max(2000) }), of<null>()),
  bringBack: call(ofRule, of<null>()),
};
