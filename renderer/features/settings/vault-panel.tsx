import { Button } from '@blueprintjs/core';
import { useStore } from 'zustand';
import type { VaultStatus } from '../../../shared/contract/app';
import { usePage } from '../../rpc/hooks';
import { Mark } from '../../ui/mark';
import { Panel } from '../../ui/panel';

/** The status of the vault, and how to unlock it. */
export function VaultPanel() {
  const page = usePage();
  const status = useStore(page.vault, (vault) => vault.status);
  const ask = (reason: 'locked' | 'absent') =>
    page.gate.request.setState({ open: { reason, settle: () => page.gate.request.setState({ open: null }) } });
  return (
    <Panel title="Vault" note="passwords and passphrases, encrypted on this computer">
      {status === null ? (
        <p className="m-muted">Its status is not known yet.</p>
      ) : (
        <div className="m-row">
          <VaultMark status={status} />
          {status.kind === 'locked' ? <Button size="small" text="Unlock" onClick={() => ask('locked')} /> : null}
          {status.kind === 'absent' && status.method === 'passphrase' ? (
            <Button size="small" text="Create" onClick={() => ask('absent')} />
          ) : null}
        </div>
      )}
    </Panel>
  );
}

const openWords = {
  session: 'Unlocked until the app closes',
  keychain: 'Unlocked with the system keychain',
  passphrase: 'Unlocked with your passphrase',
} as const;

function VaultMark({ status }: { readonly status: VaultStatus }) {
  switch (status.kind) {
    case 'absent':
      return (
        <Mark
          tone="idle"
          word={
            status.method === 'keychain'
              ? 'Empty; the first secret is stored in the system keychain'
              : 'Not created yet'
          }
        />
      );
    case 'locked':
      return <Mark tone="warn" word="Locked" />;
    case 'open':
      return <Mark tone="good" word={openWords[status.method]} />;
  }
}
