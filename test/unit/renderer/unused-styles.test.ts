import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isUnusedSelector } from '../../../renderer/unused-styles';

const renderer = new URL('../../../renderer', import.meta.url).pathname;

/** The parts of Blueprint that the page imports, e.g. `MenuItem`. */
function importedParts(): readonly string[] {
  const files = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'));
  const imports = files.flatMap((file) => [
    ...readFileSync(join(renderer, file), 'utf8').matchAll(/import \{([^}]+)\} from '@blueprintjs\/core'/g),
  ]);
  return [
    ...new Set(imports.flatMap(([, names = '']) => names.split(',').map((name) => name.trim().replace(/^type /, '')))),
  ].filter((name) => name !== '');
}

/** The class that Blueprint gives a part: `HTMLSelect` is `.bp6-html-select`. */
function classOf(part: string): string {
  return `.bp6-${part.replace(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3-$2$4').toLowerCase()}`;
}

describe('styles that are left out', () => {
  it('leaves out the styles of no Blueprint part that the page uses', () => {
    expect(importedParts()).toContain('Button');
    expect(importedParts().filter((part) => isUnusedSelector(classOf(part)))).toEqual([]);
  });

  it('never leaves out a style because its name starts like that of an unused part', () => {
    const found = [
      '.bp6-tag .bp6-icon',
      '.bp6-dark .bp6-callout',
      'a.bp6-tab:hover',
      '.bp6-icon-add::before',
      classOf('HTMLTable'),
      '.bp6-button.bp6-outlined',
      '.bp6-button-group .bp6-popover-target',
      '[data-bp-color-scheme=dark] .bp6-button',
    ].map(isUnusedSelector);
    const kept = [
      '.bp6-button',
      '.bp6-menu-item',
      '.bp6-icon-standard',
      '.bp6-icon',
      '.bp6-table-cell',
      classOf('HTMLSelect'),
      '.bp6-button:not(.bp6-outlined):hover',
      '.bp6-button:not([class*=bp6-intent-]:not(.bp6-switch)):hover',
      '.bp6-button-group',
      '.bp6-numeric-input .bp6-button-group.bp6-vertical > .bp6-button',
    ].map(isUnusedSelector);
    expect([found, kept]).toEqual([found.map(() => true), kept.map(() => false)]);
  });
});
