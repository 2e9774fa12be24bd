import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../../../../renderer/ui/styles/', import.meta.url);
const theme = readFileSync(new URL('theme.css', folder), 'utf8');
const parts = readFileSync(new URL('ui.css', folder), 'utf8');

/** The rules of a style sheet without conditions: the selectors of each and its declarations. */
function rulesOf(css: string): readonly { readonly selectors: string; readonly body: string }[] {
  return [...css.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(([, selectors, body]) => ({
    selectors: selectors?.trim() ?? '',
    body: body ?? '',
  }));
}

function tokensOf(selector: string): ReadonlyMap<string, string> {
  const body = rulesOf(theme).find(({ selectors }) => selectors === selector)?.body ?? '';
  return new Map(
    [...body.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
}

/** The relative luminance of a colour such as #1a2b3c (WCAG 2.2, relative luminance). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const light = tokensOf(':root');
const themes = [
  ['light', light],
  ['dark', new Map([...light, ...tokensOf('.bp6-dark')])],
] as const;

const disabled = [...rulesOf(theme), ...rulesOf(parts)].filter(({ selectors }) =>
  /\.bp6-button(\.m-off|\.bp6-disabled|:disabled)/.test(selectors),
);
const tokenOf = (property: string): string =>
  disabled.flatMap(({ body }) => new RegExp(`[^-]${property}: var\\((--[\\w-]+)\\)`).exec(` ${body}`)?.[1] ?? [])[0] ??
  '';

describe.each(themes)('in the %s theme', (_name, tokens) => {
  it('the words of a disabled button can be read', () => {
    const [text = '', ground = ''] = [tokens.get(tokenOf('color')), tokens.get(tokenOf('background'))];
    expect(text).not.toBe('');
    expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['--m-text', '--m-muted', '--m-accent-text', '--m-good', '--m-warn', '--m-crit', '--m-busy', '--m-stale'])(
    '%s can be read on everything that the page lies on',
    (name) => {
      for (const ground of ['--m-surface', '--m-sunken', '--m-bg'])
        expect(contrast(tokens.get(name) ?? '', tokens.get(ground) ?? ''), ground).toBeGreaterThanOrEqual(4.5);
    },
  );
});

describe('a disabled button', () => {
  it('is not made paler than its colours', () => {
    expect(disabled.filter(({ body }) => body.includes('opacity'))).toEqual([]);
  });
});
