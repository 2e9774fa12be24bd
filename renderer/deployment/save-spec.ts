import type { ClusterSpec } from '../../shared/model/deploy/spec/cluster-spec';
import { useAction, usePage, type Action } from '../rpc/hooks';
import { downloadText } from '../ui/download';
import { portableSpec } from './form/portable';

/** Saves a spec as a file that also works where the inventory of this workstation is not known. */
export function useSaveSpec(spec: ClusterSpec): Action<[]> {
  const page = usePage();
  return useAction(async () => {
    const inventory = await page.call((client) => client.servers.list());
    const file = await page.call((client) => client.deploy.print({ spec: portableSpec(spec, inventory) }));
    downloadText(file.fileName, file.text);
  });
}
