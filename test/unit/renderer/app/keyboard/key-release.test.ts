// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepKeyReleases } from '../../../../../renderer/app/keyboard/key-release';

let stop: () => void;
let heard: string[];

beforeEach(() => {
  document.body.innerHTML = '<input id="list"><button id="below">Switchover</button>';
  heard = [];
  for (const type of ['keydown', 'keyup']) document.body.addEventListener(type, hear);
  stop = keepKeyReleases(window);
});
afterEach(() => {
  stop();
  for (const type of ['keydown', 'keyup']) document.body.removeEventListener(type, hear);
});

function hear(event: Event): void {
  if (event instanceof KeyboardEvent && event.target instanceof Element)
    heard.push(`${event.type} ${event.key} on ${event.target.id}`);
}

function stroke(type: 'keydown' | 'keyup', id: string, key: string, repeat = false): boolean {
  return (
    document
      .getElementById(id)
      ?.dispatchEvent(new KeyboardEvent(type, { key, repeat, bubbles: true, cancelable: true })) ?? false
  );
}

describe('a key that clicks buttons', () => {
  it.each(['Enter', ' '])('%j works on the button on which it was pressed and released', (key) => {
    stroke('keydown', 'below', key);
    stroke('keydown', 'below', key, true);
    expect(stroke('keyup', 'below', key)).toBe(true);
    expect(heard).toEqual([`keydown ${key} on below`, `keydown ${key} on below`, `keyup ${key} on below`]);
  });

  it.each(['Enter', ' '])('%j clicks no button that got the focus only after the key was pressed', (key) => {
    stroke('keydown', 'list', key);
    expect(stroke('keydown', 'below', key, true)).toBe(false);
    expect(stroke('keyup', 'below', key)).toBe(false);
    expect(heard).toEqual([`keydown ${key} on list`]);
  });

  it('a key that was pressed in another window clicks nothing when it is released here', () => {
    stroke('keydown', 'below', 'Enter');
    stroke('keyup', 'below', 'Enter');
    expect(stroke('keyup', 'below', 'Enter')).toBe(false);
  });

  it('the next stroke of a swallowed key works again', () => {
    stroke('keydown', 'list', 'Enter');
    stroke('keyup', 'below', 'Enter');
    stroke('keydown', 'below', 'Enter');
    expect(stroke('keyup', 'below', 'Enter')).toBe(true);
  });
});

it('keys that click no button work wherever they are released', () => {
  stroke('keydown', 'list', 'a');
  expect(stroke('keyup', 'below', 'a')).toBe(true);
});
