import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readHostPort } from '../../../shared/model/connect/host-port';
import { readEtcdUrl } from '../../../shared/rules/configure/patroni-addresses';
import { pythonMissing } from '../../support/patroni/python';

const URLS = [
  ...['http://h:1', 'https://h', 'http://u:p@h:1', 'https://u:p%40@h:1', 'http://u%41:p@h:1', 'http://u:p@ss:w@h:1'],
  ...['http://u:@h:1', 'http://:p@h:1', 'http://u@h:1', 'HTTP://U:P@H:1/', 'http://u:p@[::1]:5', '//u:p@h:1'],
  ...['http://u:p\t1@h:1', ' http://u:p@h:1', 'http://u:p@h:1/x@y', 'http://u:p@h:1?x@y', 'http://u:p@h:1#x@y'],
  ...['http://ü:pä@h:1', "http://u:p'w@h:1", 'http://u:p w@h:1', 'http://u:p%zz@h:1', 'http://a@b:p@h:1'],
];

/** As Patroni reads a URL (dcs/etcd.py, get_etcd_client). */
const READ = `
import json, sys
from urllib.parse import urlparse
read = [urlparse(url) for url in json.load(sys.stdin)]
print(json.dumps([[r.username, r.password, r.hostname, r.port or 2379] for r in read]))
`;

describe('the URL of etcd in a Patroni configuration', () => {
  const missing = pythonMissing(['urllib.parse']);
  if (missing !== null) {
    it.skip(`(skipped: ${missing})`, () => undefined);
    return;
  }
  const asked = spawnSync('/usr/bin/python3', ['-c', READ], { input: JSON.stringify(URLS), encoding: 'utf8' });
  const answers = JSON.parse(asked.stdout) as (readonly unknown[])[];

  it.each(URLS.map((url, index) => [url, answers[index]] as const))(
    '%j is read as urlparse reads it',
    (url, answer) => {
      const { login, place } = readEtcdUrl(url);
      const at = readHostPort(place.replace(/^\/\//, ''), 2379);
      expect([login?.username ?? null, login?.password ?? null, at?.host, at?.port]).toEqual(answer);
    },
  );
});
