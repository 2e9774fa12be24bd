import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { Choices, type Choice } from '../../../../ui/choices';
import { useSpec, useWizard } from '../../wizard/wizard-context';

const tlsChoices: readonly Choice<ClusterSpec['tls']>[] = [
  {
    value: 'on',
    label: 'On',
    explain:
      'All traffic is encrypted, and both ends prove their identity with certificates of this cluster. ' +
      'The key of its authority stays in the vault.',
  },
  {
    value: 'off',
    label: 'Off',
    explain:
      'Nothing is encrypted, and whoever reaches etcd can change the cluster without a password. Only where nobody ' +
      'but the servers themselves reaches its ports.',
  },
];

/** Whether connections are encrypted. */
export function TlsChoice() {
  const wizard = useWizard();
  const { tls } = useSpec();
  return (
    <Choices
      legend="Encrypt traffic between servers and applications?"
      value={tls}
      choices={tlsChoices}
      onValue={(next) => wizard.changeSpec((before) => ({ ...before, tls: next }))}
    />
  );
}
