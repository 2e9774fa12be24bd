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

/** Finds a class of one of these parts in a selector. */
export const unusedClass = new RegExp(`\\.bp6-(?:${UNUSED.join('|')})(?![a-z0-9])`);
