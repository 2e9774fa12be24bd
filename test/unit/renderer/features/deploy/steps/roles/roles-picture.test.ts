import { expect, it } from 'vitest';
import { emptyForm } from '../../../../../../../renderer/deployment/form/form';
import { applicationsText } from '../../../../../../../renderer/features/deploy/steps/roles/roles-picture';
import type { ServerRole } from '../../../../../../../shared/model/deploy/spec/server-spec';

it.each([
  [
    ['postgres', 'haproxy', 'pgbouncer'],
    'write through PgBouncer on 6432 or HAProxy on 5000, read through HAProxy on 5001',
  ],
  [['postgres', 'haproxy'], 'write through HAProxy on 5000, read through HAProxy on 5001'],
  [['postgres', 'etcd'], 'connect to PostgreSQL on 5432 and must find the primary themselves'],
] as readonly (readonly [ServerRole[], string])[])(
  'the picture of roles shows how applications reach a cluster with %j',
  (roles, text) => {
    const { spec } = emptyForm();
    expect(
      applicationsText({
        ...spec,
        servers: [{ name: 'db1', address: '10.0.0.11', ssh: { server: 'a' }, roles, tags: {} }],
      }),
    ).toBe(text);
  },
);
