import { Button } from '@blueprintjs/core';
import { useRef, useState } from 'react';
import { appError } from '../../../../../shared/model/app-error';
import type { GivenCertificates } from '../../../../../shared/model/repair/certificate-repair';
import { useAction, usePage } from '../../../../rpc/hooks';
import { ErrorNotice } from '../../../../ui/notice';
import { printable } from '../../../../ui/text';

const MOST_BYTES = 1_000_000;
const MOST_FILES = 100;

/** Certificates and keys that the user gives for one repair: the core holds them in memory, and says what each is. */
export function GivenFiles(props: { readonly clusterId: string; readonly onGiven: (id: string) => void }) {
  const { clusterId, onGiven } = props;
  const page = usePage();
  const input = useRef<HTMLInputElement>(null);
  const [given, setGiven] = useState<GivenCertificates | null>(null);
  const take = useAction(async (chosen: readonly File[]) => {
    const large = chosen.find(({ size }) => size > MOST_BYTES);
    if (large !== undefined || chosen.length > MOST_FILES)
      throw appError('repair.given_too_large', `${large?.name ?? 'That'} is too large for certificates and keys.`, {
        hint: 'Choose the files themselves, of at most 1 MB each.',
      });
    const files = await Promise.all(chosen.map(async (file) => ({ name: file.name, text: await file.text() })));
    const found = await page.call((client) => client.repair.give({ clusterId, files }));
    setGiven(found);
    onGiven(found.id);
  });
  return (
    <section className="m-stack-tight">
      <h3>Files for this once</h3>
      <p className="m-small m-muted">
        New certificates with their keys, or the certificate and the key of the authority that signs them, in PEM. Whose
        each is is found out by what it says. Keys are held in memory only, for an hour at most.
      </p>
      <div>
        <Button size="small" text="Choose files" loading={take.busy} onClick={() => input.current?.click()} />
        <input
          ref={input}
          type="file"
          hidden
          multiple
          aria-label="Certificates and keys"
          onChange={(event) => {
            const chosen = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = '';
            if (chosen.length > 0) void take.run(chosen);
          }}
        />
      </div>
      {take.error === null ? null : <ErrorNotice error={take.error} />}
      {given === null ? null : (
        <ul className="m-consequences" aria-label="Given files">
          {given.files.map(({ name, says }, index) => (
            <li key={`${index} ${name}`} className="m-wrap">
              <span className="m-mono">{printable(name)}</span>: {printable(says)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
