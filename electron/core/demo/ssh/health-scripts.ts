import { DIAGNOSTICS_SCRIPT_FIRST_LINE } from '../../diagnostics/diagnostics-script';
import type { DemoHost } from '../network/network';
import { answerCertificateScript } from './certificates';
import { diagnosticsAnswer } from './diagnostics';
import type { ExecOutcome } from './exec-outcome';
import { answerVitalsScript } from './vitals';

/** What the scripts for certificates, disks and diagnostic bundles print on a simulated server; null for another script. */
export function answerHealthScript(host: DemoHost, script: string, args: readonly string[]): ExecOutcome | null {
  const certificates = answerCertificateScript(host, script, args);
  if (certificates !== null) return certificates;
  const text = script.startsWith(DIAGNOSTICS_SCRIPT_FIRST_LINE)
    ? diagnosticsAnswer(host)
    : answerVitalsScript(host, script);
  return text === null ? null : { code: 0, stdout: text, stderr: '' };
}
