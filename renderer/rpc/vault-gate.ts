import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError } from '../../shared/model/app-error';

/** A call that waits for the vault: the dialog answers with `settle`. */
export interface VaultRequest {
  readonly reason: 'locked' | 'absent';
  readonly settle: (opened: boolean) => void;
}

/** The gate between calls that need a secret and the vault's dialog. */
export interface VaultGate {
  readonly request: StoreApi<{ readonly open: VaultRequest | null }>;
  /** Runs a call; when it rejects because the vault is locked, asks for it to be unlocked and runs the call once more. */
  pass<T>(call: () => Promise<T>): Promise<T>;
}

/** Makes the gate. */
export function createVaultGate(): VaultGate {
  const request = createStore<{ readonly open: VaultRequest | null }>(() => ({ open: null }));
  const ask = (reason: VaultRequest['reason']) =>
    new Promise<boolean>((resolve) => {
      const before = request.getState().open;
      const settle = (opened: boolean) => {
        request.setState({ open: null });
        before?.settle(opened);
        resolve(opened);
      };
      request.setState({ open: { reason, settle } });
    });
  return {
    request,
    pass: async (call) => {
      try {
        return await call();
      } catch (thrown) {
        const reason = shutReason(thrown);
        if (reason === null || !(await ask(reason))) throw thrown;
        return call();
      }
    },
  };
}

function shutReason(thrown: unknown): VaultRequest['reason'] | null {
  if (!(thrown instanceof AppError)) return null;
  if (thrown.code === 'vault.locked') return 'locked';
  return thrown.code === 'vault.absent' ? 'absent' : null;
}
