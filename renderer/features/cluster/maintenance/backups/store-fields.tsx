import { FormGroup, InputGroup, TextArea } from '@blueprintjs/core';
import { useId } from 'react';
import { storeLoginSchema, type StoreLogin } from '../../../../../shared/model/backups/backup-setup';
import { ChoiceField, TextInputField } from './form-fields';

/** What is filled in of a store. */
export interface StoreForm {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly addressing: string;
  readonly ca: string;
  readonly key: string;
  readonly secret: string;
}

/** Nothing filled in yet. */
export const emptyStore: StoreForm = {
  ...{ endpoint: '', bucket: '', region: 'us-east-1', addressing: 'host', ca: '' },
  ...{ key: '', secret: '' },
};

/** The part of it that is no secret. */
export function placeOfStore({ endpoint, bucket, region, addressing, ca }: StoreForm): object {
  return {
    ...{ bucket, region, addressing, ca },
    endpoint: endpoint
      .trim()
      .replace(/^https:\/\//, '')
      .replace(/\/+$/, ''),
  };
}

/** The login, or why it is none yet; null where both are empty: the one that is kept is used. */
export function storeLoginOf({ key, secret }: StoreForm): StoreLogin | string | null {
  if (key === '' && secret === '') return null;
  const read = storeLoginSchema.safeParse({ key: key.trim(), secret: secret.trim() });
  return read.success ? read.data : (read.error.issues[0]?.message ?? 'Give both keys.');
}

/** Where a store is, how it is verified, and by which keys it is opened. */
export function StoreFields(props: { readonly store: StoreForm; readonly onStore: (store: StoreForm) => void }) {
  const { store, onStore } = props;
  const [ca, secret] = [useId(), useId()];
  const set = (part: Partial<StoreForm>) => onStore({ ...store, ...part });
  return (
    <>
      <TextInputField
        label="Endpoint"
        help="The host of the store, with its port where that is not 443. It has to speak TLS."
        value={store.endpoint}
        onValue={(endpoint) => set({ endpoint })}
      />
      <TextInputField label="Bucket" value={store.bucket} onValue={(bucket) => set({ bucket })} />
      <TextInputField label="Region" value={store.region} onValue={(region) => set({ region })} />
      <ChoiceField
        label="The bucket is addressed"
        value={store.addressing}
        options={[
          ['host', 'before the host (bucket.endpoint)'],
          ['path', 'after the host (endpoint/bucket)'],
        ]}
        onValue={(addressing) => set({ addressing })}
      />
      <TextInputField label="Access key" value={store.key} onValue={(key) => set({ key })} />
      <FormGroup
        label="Secret key"
        labelFor={secret}
        helperText="Kept in the vault, and in pgBackRest's configuration, which only root and postgres read. Empty: those in the vault."
      >
        <InputGroup
          id={secret}
          type="password"
          value={store.secret}
          autoComplete="off"
          onValueChange={(value) => set({ secret: value })}
        />
      </FormGroup>
      <FormGroup
        className="m-backup-wide"
        label="Certificate authority"
        labelFor={ca}
        helperText="PEM text, where the store's certificate is not signed by one that the servers know. It is always verified."
      >
        <TextArea
          id={ca}
          fill
          rows={3}
          className="m-mono"
          value={store.ca}
          placeholder="-----BEGIN CERTIFICATE-----"
          onChange={(event) => set({ ca: event.currentTarget.value })}
        />
      </FormGroup>
    </>
  );
}
