import type { AssessmentReport } from '../../model/upgrade/assessment';
import { htmlPage, htmlTable, htmlText } from '../words/html-text';
import { momentInWords } from '../words/wording';
import { assessmentFacts, comparedWith, demandsOf, majorOfReport, type UpgradeDemand } from './assessment-words';

/** A report as a page that can be printed, compared with the assessment before where there is one. */
export function assessmentPage(report: AssessmentReport, before: AssessmentReport | null): string {
  const compared = comparedWith(report, before);
  return htmlPage(
    `Upgrade of ${report.cluster} from PostgreSQL ${majorOfReport(report)} to ${report.target}`,
    `<p>${htmlText(report.sentence)}</p>` +
      (before === null
        ? ''
        : `<p class="quiet">Since ${htmlText(momentInWords(before.startedAt))}: ${htmlText(compared.join(' '))}</p>`) +
      htmlTable(['What', 'Value'], [['When', momentInWords(report.startedAt)], ...assessmentFacts(report)]) +
      '<h2>What it would take</h2>' +
      demandsOf(report).map(demandPart).join('') +
      '<h2>What pg_upgrade looked at</h2>' +
      htmlTable(
        ['Check', 'Result'],
        report.checks.map(({ name, result }) => [name, result]),
      ) +
      report.files.map(filePart).join('') +
      `<h2>What pg_upgrade printed</h2><pre>${preText(report.said)}</pre>`,
  );
}

function demandPart({ title, lines, commands }: UpgradeDemand): string {
  const list = lines.map((line) => `<li>${htmlText(line)}</li>`).join('');
  const code = commands.length === 0 ? '' : `<pre>${preText(commands.join('\n'))}</pre>`;
  return `<h3>${htmlText(title)}</h3><ul>${list}</ul>${code}`;
}

function filePart({ name, text, whole }: AssessmentReport['files'][number]): string {
  return `<h3>${htmlText(name)}${whole ? '' : ' (its beginning)'}</h3><pre>${preText(text)}</pre>`;
}

/** Lines stay lines; all else that is no text is shown as a blank. */
function preText(text: string): string {
  return text.split(/\r?\n/).map(htmlText).join('\n');
}
