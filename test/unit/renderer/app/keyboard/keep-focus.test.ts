// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepFocus } from '../../../../../renderer/app/keyboard/keep-focus';

const html = '<button id="before">before</button><main id="main" tabindex="-1"></main>';
let stop: () => void;

beforeEach(() => {
  document.body.innerHTML = html;
  stop = keepFocus(document);
});
afterEach(() => {
  stop();
});

function add(tag: string, id: string, inside: Element = document.body): HTMLElement {
  const element = document.createElement(tag);
  element.id = id;
  inside.append(element);
  return element;
}

function focus(id: string): HTMLElement | null {
  const element = document.getElementById(id);
  element?.focus();
  return element;
}

const focused = () => document.activeElement?.id ?? '';
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

function dialogWith(id: string): HTMLElement {
  const dialog = add('div', `${id}-dialog`);
  dialog.setAttribute('role', 'dialog');
  add('input', id, dialog);
  return dialog;
}

describe('the focus, when what had it is taken away', () => {
  it('goes back to what had it before', async () => {
    focus('before');
    const dialog = dialogWith('field');
    focus('field');
    dialog.remove();
    await settled();
    expect(focused()).toBe('before');
  });

  it('stays inside the dialog that is left when another one above it closes', async () => {
    focus('before');
    dialogWith('lower');
    focus('lower');
    const upper = dialogWith('upper');
    focus('upper');
    upper.remove();
    await settled();
    expect(focused()).toBe('lower');
  });

  it("goes to the page's content where what had it before is gone or takes none", async () => {
    const button = focus('before');
    const dialog = dialogWith('field');
    focus('field');
    button?.setAttribute('disabled', '');
    dialog.remove();
    await settled();
    expect(focused()).toBe('main');
  });

  it("goes to the page's content, not to an older button, when the page itself has changed", async () => {
    focus('before');
    add('button', 'of-the-page');
    focus('of-the-page')?.remove();
    await settled();
    expect(focused()).toBe('main');
  });

  it('is left where somebody has put it', async () => {
    focus('before');
    const dialog = dialogWith('field');
    focus('field');
    add('input', 'elsewhere');
    dialog.remove();
    focus('elsewhere');
    await settled();
    expect(focused()).toBe('elsewhere');
  });
});
