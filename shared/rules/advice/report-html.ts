import type { Advice, AdviceEvidence, AdviceReport, AdviceSeverity, Aside } from '../../model/advice/advice';
import { momentInWords, spanInWords } from '../words/wording';
import { VERSIONS_AS_OF } from './known-versions';
import { adviceRule, asideOf, outgrownAside } from './make-report';

const severities: Readonly<Record<AdviceSeverity, string>> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'Consider',
};

/** Text as HTML shows it, whatever a server wrote. Characters that turn the direction of text, or cannot be seen, are written as codes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[&<>"'`]/g, (character) => `&#${character.codePointAt(0) ?? 0};`)
    .replaceAll(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
      (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    );
}

const style = `
body { font: 14px/1.45 system-ui, sans-serif; margin: 32px auto; max-width: 900px; padding: 0 16px; color: #1c2127; background: #fff; }
h1 { font-size: 22px; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 28px 0 8px; border-bottom: 1px solid #c5cbd3; padding-bottom: 4px; }
h3 { font-size: 14px; margin: 0 0 4px; }
section article { border-left: 4px solid #8f99a8; margin: 12px 0; padding: 4px 12px; break-inside: avoid; }
article.critical { border-color: #ac2f33; } article.warning { border-color: #935610; } article.info { border-color: #215db0; }
.muted { color: #5f6b7c; } .small { font-size: 12px; }
p { margin: 2px 0; overflow-wrap: anywhere; } ul { margin: 4px 0; padding-left: 20px; } li { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: 4px 8px; border-bottom: 1px solid #dce0e5; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } }
`;

function paragraph(text: string, name = ''): string {
  return `<p${name === '' ? '' : ` class="${name}"`}>${escapeHtml(text)}</p>`;
}

function evidenceItem({ text, where, at }: AdviceEvidence): string {
  return `<li>${escapeHtml(text)} <span class="muted">${escapeHtml(where)}, ${escapeHtml(momentInWords(at))}</span></li>`;
}

function adviceBlock(advice: Advice, asides: readonly Aside[]): string {
  const { title, area, why } = adviceRule(advice.rule);
  const aside = asideOf(advice, asides);
  const outgrown = outgrownAside(advice, asides);
  return [
    `<article class="${advice.severity}">`,
    `<h3>${severities[advice.severity]}: ${escapeHtml(advice.sentence)}</h3>`,
    paragraph(`${area}. ${title}.`, 'muted small'),
    paragraph(why),
    `<ul>${advice.evidence.map(evidenceItem).join('')}</ul>`,
    paragraph(`What to do: ${advice.todo}`),
    aside === null ? '' : paragraph(`Set aside by ${aside.by}, ${momentInWords(aside.at)}: ${aside.reason}`, 'muted'),
    outgrown === null
      ? ''
      : paragraph(
          `It was set aside by ${outgrown.by}, ${momentInWords(outgrown.at)}, when it was less: ${outgrown.reason}`,
          'muted',
        ),
    '</article>',
  ].join('\n');
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>\n${body}\n</section>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (words: readonly string[], tag: string): string =>
    `<tr>${words.map((word) => `<${tag}>${escapeHtml(word)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${cells(head, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('\n')}</tbody></table>`;
}

function readInWords({ scope, from, to }: AdviceReport, version: string): string {
  const when = `${momentInWords(from)} to ${momentInWords(to)} (${spanInWords(to - from)})`;
  return `Scope ${scope}. Read ${when} by Matriarch ${version}. The tables of versions are of ${VERSIONS_AS_OF}.`;
}

function countsInWords(counted: number, aside: number, { notChecked, well }: AdviceReport): string {
  return `${counted} to look at, ${aside} set aside, ${notChecked.length} not checked, ${well.length} well.`;
}

/** A report as one HTML file that needs nothing else: no scripts, no addresses, for screen and paper. `version` is that of the app. */
export function adviceReportHtml(report: AdviceReport, asides: readonly Aside[], version: string): string {
  const counted = report.advice.filter((one) => asideOf(one, asides) === null);
  const aside = report.advice.filter((one) => asideOf(one, asides) !== null);
  const blocks = (list: readonly Advice[]): string => list.map((one) => adviceBlock(one, asides)).join('\n');
  const head = `Advice for ${report.title}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(head)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(head)}</h1>
${paragraph(readInWords(report, version), 'muted')}
${paragraph(countsInWords(counted.length, aside.length, report))}
${section('To look at', counted.length === 0 ? paragraph('Nothing of what was checked.') : blocks(counted))}
${aside.length === 0 ? '' : section('Set aside', blocks(aside))}
${section(
  'Not checked',
  report.notChecked.length === 0
    ? paragraph('Everything was checked.')
    : table(
        ['What', 'Where', 'Why not'],
        report.notChecked.map(({ rule, about, why }) => [adviceRule(rule).title, about ?? 'everywhere', why]),
      ),
)}
${section(
  'Well',
  table(
    ['What', 'What was seen'],
    report.well.map(({ rule, seen }) => [adviceRule(rule).title, seen]),
  ),
)}
</body>
</html>
`;
}
