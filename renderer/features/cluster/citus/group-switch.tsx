import './citus.css';
import type { ClusterState } from '../../../../shared/model/cluster/cluster-state';
import { groupInWords } from '../../../../shared/rules/citus/citus-names';
import { hrefOf, type ClusterTab } from '../../../navigation/route';
import { ToneIcon } from '../../../ui/mark';
import { healthWords } from '../../../ui/wording/words';
import { useGroups } from './use-groups';

/** Which group of a Citus cluster the page shows, and the way to the others, each with its health. */
export function GroupSwitch({ state, tab }: { readonly state: ClusterState; readonly tab: ClusterTab }) {
  const groups = useGroups(state);
  if (groups.length === 0) return null;
  return (
    <nav className="m-groups" aria-label="Groups of this Citus cluster">
      {groups.map(({ clusterId, citusGroup = 0, health }) => {
        const here = clusterId === state.clusterId;
        const { tone, word } = healthWords[health.level];
        return (
          <a
            key={clusterId}
            href={hrefOf({ page: 'cluster', clusterId, tab })}
            aria-current={here ? 'true' : undefined}
            className={here ? 'm-group m-group-here' : 'm-group'}
            title={health.sentence}
          >
            <span className={`m-group-icon m-tone-${tone}`}>
              <ToneIcon tone={tone} size={12} />
            </span>
            {groupInWords(citusGroup)}
            <span className="m-hidden">, {word.toLowerCase()}</span>
          </a>
        );
      })}
    </nav>
  );
}
