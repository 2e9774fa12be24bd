import { createHash, createPublicKey } from 'node:crypto';
import { CERTIFICATE_SCRIPTS } from '../../certificates/certificate-scripts';
import { CERTIFICATE_REPAIR_SCRIPTS } from '../../repair/certificates/certificate-file-scripts';
import type { DemoHost } from '../network/network';
import type { ExecOutcome } from './exec-outcome';
import { virtualFiles } from './virtual-files';

const word = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** What the scripts for certificates print on a simulated server; null for another script. */
export function answerCertificateScript(host: DemoHost, script: string, args: readonly string[]): ExecOutcome | null {
  if (script.startsWith(CERTIFICATE_SCRIPTS.settings)) return printed(settingsOf(host));
  const files = virtualFiles(host);
  if (script.startsWith(CERTIFICATE_REPAIR_SCRIPTS.look))
    return printed(args.map((path) => lookedAt(path, files[path])));
  if (!script.startsWith(CERTIFICATE_SCRIPTS.files)) return null;
  return printed(
    args.map((path) => {
      const text = files[path];
      return text === undefined ? `missing ${word(path)}` : `file ${word(path)} ${word(certificatesOf(text))}`;
    }),
  );
}

/** A line in the form that certificate-file-scripts.ts describes. */
function lookedAt(path: string, text: string | undefined): string {
  if (text === undefined) return `missing ${word(path)}`;
  const certificates = certificatesOf(text);
  const key = /-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----/.exec(text)?.[0];
  const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
  const spki = key === undefined ? null : createPublicKey(key).export({ type: 'spki', format: 'der' });
  const words = [word(path), word('root:root'), '600', hash(text), '-', certificates === '' ? '-' : word(certificates)];
  return ['file', ...words, spki === null ? '-' : hash(spki)].join(' ');
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
