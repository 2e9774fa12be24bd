import type { ClusterSpec } from '../../../../../shared/model/deploy/spec/cluster-spec';
import { Choices, type Choice } from '../../../../ui/choices';
import { useSpec, useWizard } from '../../wizard/wizard-context';

const tlsChoices: readonly Choice<ClusterSpec['tls']>[] = [
  {
    value: 'off',
    label: 'Off',
    explain: 'What the servers say to each other and to applications is not encrypted: only for a private network.',
  },
  {
    value: 'on',
    label: 'On',
    explain:
      'Everything is encrypted and both ends prove who they are, by a certificate authority of this cluster. Its key stays in the vault.',
  },
];

/** Whether connections are encrypted. */
export function TlsChoice() {
  const wizard = useWizard();
  const { tls } = useSpec();
  return (
    <Choices
      legend="Encrypt what goes between servers and applications?"
      value={tls}
      choices={tlsChoices}
      onValue={(next) => wizard.changeSpec((before) => ({ ...before, tls: next }))}
    />
  );
}
