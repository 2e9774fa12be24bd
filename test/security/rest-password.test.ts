import { describe, expect, it } from 'vitest';
import { accessTo } from '../../electron/core/clusters/watch/member-polls';
import { aCluster } from '../unit/inventory/entries';

const auth = { username: 'patroni', passwordSecret: 'secret-1' };
const cluster = aCluster({
  members: [
    { name: 'db1', serverId: 's1', apiUrl: 'http://10.0.0.11:8008/patroni' },
    { name: 'db2', serverId: 's2', apiUrl: 'https://DB2.example:8008/patroni' },
  ],
  rest: { tls: null, auth },
});

describe('the password of the REST API', () => {
  it.each(['http://10.0.0.11:8008/patroni', 'http://10.0.0.11:9000/', 'https://db2.example:8008/patroni'])(
    'goes to a host that the user confirmed: %s',
    (apiUrl) => {
      expect(accessTo(cluster, apiUrl)).toEqual({ access: { tls: null, auth }, confirmed: true });
    },
  );

  it.each(['http://evil.example:8008/patroni', 'http://10.0.0.12:8008/patroni', 'http://db1:8008/', '', 'x'])(
    'does not follow what the DCS names: %j',
    (apiUrl) => {
      expect(accessTo(cluster, apiUrl)).toEqual({ access: { tls: null, auth: null }, confirmed: false });
    },
  );
});
