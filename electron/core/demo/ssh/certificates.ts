import { CERTIFICATE_SCRIPTS } from '../../certificates/certificate-scripts';
import type { DemoHost } from '../network/network';
import type { ExecOutcome } from './exec-outcome';
import { virtualFiles } from './virtual-files';

const word = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** What the scripts for certificates print on a simulated server; null for another script. */
export function answerCertificateScript(host: DemoHost, script: string, args: readonly string[]): ExecOutcome | null {
  if (script.startsWith(CERTIFICATE_SCRIPTS.settings)) return printed(settingsOf(host));
  if (!script.startsWith(CERTIFICATE_SCRIPTS.files)) return null;
  const files = virtualFiles(host);
  return printed(
    args.map((path) => {
      const text = files[path];
      return text === undefined ? `missing ${word(path)}` : `file ${word(path)} ${word(certificatesOf(text))}`;
    }),
  );
}

function printed(lines: readonly string[]): ExecOutcome {
  return { code: 0, stdout: [...lines, 'end', ''].join('\n'), stderr: '' };
}

function certificatesOf(text: string): string {
  return (text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).join('\n');
}

/** etcd is started with the settings of its file there; those of PgBouncer that concern TLS are as they were written. */
function settingsOf(host: DemoHost): readonly string[] {
  const files = virtualFiles(host);
  const etcd = files['/etc/default/etcd'];
  const pgbouncer = files['/etc/pgbouncer/pgbouncer.ini'];
  const runsEtcd = host.member.hasEtcd && !host.member.etcdStopped && etcd !== undefined;
  return [
    ...(runsEtcd ? [`etcd-variables ${word(etcd.replaceAll('"', ''))}`, `etcd-args ${word('/usr/bin/etcd\n')}`] : []),
    ...(pgbouncer === undefined ? [] : [`pgbouncer ${word(pgbouncer)}`]),
  ];
}
