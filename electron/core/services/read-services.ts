import type { ServiceStatus } from '../../../shared/model/operate/service';
import type { Remote } from '../ssh/remote';
import { readServices, SERVICES_SCRIPT } from './service-script';

const READ_MS = 15_000;
const MOST_BYTES = 512 * 1024;

/** The services of a cluster that are installed on a server. Changes nothing and needs no root; rejects with `ssh.*`. */
export async function servicesOn(remote: Pick<Remote, 'script'>): Promise<readonly ServiceStatus[]> {
  const { stdout } = await remote.script(SERVICES_SCRIPT, [], { timeoutMs: READ_MS, maxOutputBytes: MOST_BYTES });
  return readServices(stdout);
}
