// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainCutText } from '../../../../renderer/app/cut-text';
import type { Undo } from '../../../../shared/model/undo';

let undo: Undo;

beforeEach(() => {
  undo = explainCutText(document);
});
afterEach(() => {
  undo();
  document.body.replaceChildren();
});

/** An element of so many pixels with a text of so many, which ends in an ellipsis where it does not fit. */
function put(text: string, { room, needed }: { readonly room: number; readonly needed: number }): HTMLElement {
  const element = document.body.appendChild(document.createElement('span'));
  element.className = 'm-clip';
  element.style.textOverflow = 'ellipsis';
  element.textContent = text;
  Object.defineProperty(element, 'clientWidth', { configurable: true, value: room });
  Object.defineProperty(element, 'scrollWidth', { configurable: true, value: needed });
  return element;
}

const reach = (element: Element, by: 'pointerover' | 'focusin'): boolean =>
  element.dispatchEvent(new Event(by, { bubbles: true }));

describe('a text that ends in an ellipsis', () => {
  it.each(['pointerover', 'focusin'] as const)('is shown whole when it is reached by %s', (by) => {
    const element = put('DCS unreachable', { room: 60, needed: 110 });
    reach(element, by);
    expect(element.title).toBe('DCS unreachable');
  });

  it('is shown whole when what it stands in is reached', () => {
    const button = document.body.appendChild(document.createElement('button'));
    const element = put('10.98.1.11:8008', { room: 60, needed: 110 });
    button.append(element);
    reach(button, 'focusin');
    expect(element.title).toBe('10.98.1.11:8008');
  });

  it('keeps the explanation that it has, and needs none where it fits', () => {
    const explained = put('Lagging', { room: 20, needed: 60 });
    explained.title = 'It is behind the leader.';
    const fits = put('Healthy', { room: 60, needed: 60 });
    for (const element of [explained, fits]) reach(element, 'pointerover');
    expect([explained.title, fits.title]).toEqual(['It is behind the leader.', '']);
  });

  it('loses its explanation when there is room for it again', () => {
    const element = put('DCS unreachable', { room: 60, needed: 110 });
    reach(element, 'pointerover');
    Object.defineProperty(element, 'clientWidth', { configurable: true, value: 110 });
    reach(element, 'pointerover');
    expect(element.hasAttribute('title')).toBe(false);
  });
});
