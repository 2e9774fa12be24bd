/**
 * Parts of Blueprint that this page does not show. Their styles are left out: the browser reads all styles before the first paint.
 * Whoever begins to use one of them takes its name out of here; a test compares with what is imported.
 */
const UNUSED = [
  'alert',
  'breadcrumbs?',
  'callout',
  'card',
  'compound-tag',
  'control-card',
  'drawer',
  'editable-text',
  'entity-title',
  'file-input',
  'file-upload-input',
  'hotkey',
  'html-table',
  'icon-(?!standard|large|muted)[a-z0-9-]+',
  'key-combo',
  'multistep-dialog',
  'navbar',
  'non-ideal-state',
  'overflow-list',
  'panel-stack2?',
  'progress-bar',
  'running-text',
  'section',
  'segmented-control',
  'skeleton',
  'slider',
  'tab',
  'tabs',
  'tab-list',
  'tab-panel',
  'tag',
  'toast',
  'tooltip',
  'tree',
];

/** Variants of the parts that this page does show, in which it shows none of them. */
const UNUSED_VARIANTS = ['button-group', 'intent-success', 'intent-warning', 'outlined', 'radio', 'select', 'switch'];

/** The two steppers of NumericInput are a vertical group of buttons, the only group of this page. */
const STEPPERS = /\.bp6-numeric-input|\.bp6-vertical|^\.bp6-button-group(?: \.bp6-button)?$/;

const unusedClass = new RegExp(`\\.bp6-(?:${[...UNUSED, ...UNUSED_VARIANTS].join('|')})(?![a-z0-9])`);
/** Another way to say that a part is dark; this page says it with a class. */
const OTHER_DARK = '[data-bp-color-scheme';
/** `:not(...)`, with one pair of parentheses inside: what is named there is not asked for. */
const EXCLUDED = /:not\((?:[^()]|\([^()]*\))*\)/g;

/** Whether no element of this page can match this selector of Blueprint's style sheet. */
export function isUnusedSelector(selector: string): boolean {
  const wanted = selector.replace(EXCLUDED, '');
  if (wanted.includes(OTHER_DARK)) return true;
  return unusedClass.test(STEPPERS.test(wanted) ? wanted.replaceAll('.bp6-button-group', '') : wanted);
}
