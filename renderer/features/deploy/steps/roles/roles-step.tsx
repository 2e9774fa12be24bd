import { Button } from '@blueprintjs/core';
import { serversWith } from '../../../../../shared/rules/deploy/layout';
import { judgeEtcdSize, type EtcdSizeVerdict } from '../../../../../shared/rules/deploy/roles/etcd-size';
import { roleLayouts } from '../../../../../shared/rules/deploy/roles/role-layouts';
import { plural } from '../../../../ui/wording/format';
import { Notice } from '../../../../ui/notice';
import { Panel } from '../../../../ui/panel';
import type { Tone } from '../../../../ui/wording/words';
import { setRoles } from '../../../../deployment/form/servers';
import { useSpec, useWizard } from '../../wizard/wizard-context';
import { MemberTags } from './member-tags';
import { RolesPicture } from './roles-picture';

const sizeTones: Readonly<Record<EtcdSizeVerdict['verdict'], Tone>> = { good: 'good', warning: 'warn', wrong: 'crit' };

/** Which server does what, as a picture that can be changed. */
export function RolesStep() {
  const wizard = useWizard();
  const spec = useSpec();
  const count = spec.servers.length;
  const etcd = serversWith(spec, 'etcd');
  const shared = etcd.some((server) => server.roles.includes('postgres'));
  const size = judgeEtcdSize(etcd.length);
  return (
    <>
      <p className="m-muted">
        Applications connect at the top; each layer talks to the one below. Click a box to add or remove a role.
      </p>
      <div className="d-layouts" role="group" aria-label="Layouts">
        {roleLayouts.map((layout) => (
          <div key={layout.id} className="d-layout">
            <Button
              text={layout.label}
              disabled={count < layout.least}
              onClick={() =>
                wizard.change((form) => ({
                  ...form,
                  rolesChosen: true,
                  spec: setRoles(form.spec, layout.roles(count)),
                }))
              }
            />
            <p className="m-small m-muted">{layout.explain}</p>
          </div>
        ))}
      </div>
      <Panel
        title="The cluster"
        note={[
          plural(count, 'server'),
          plural(serversWith(spec, 'postgres').length, 'PostgreSQL member'),
          plural(etcd.length, 'etcd member'),
        ].join(', ')}
        flush
      >
        <RolesPicture />
      </Panel>
      <MemberTags />
      {spec.etcd.external.length > 0 ? null : <Notice tone={sizeTones[size.verdict]}>{size.sentence}</Notice>}
      {shared && count >= 6 ? (
        <Notice tone="info">
          You have enough servers to dedicate some to etcd, so that a busy database cannot slow down elections.
        </Notice>
      ) : null}
    </>
  );
}
