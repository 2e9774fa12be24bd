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

describe('the focus', () => {
  it('the focus returns to what had it before when its element is removed', async () => {
    focus('before');
    const dialog = dialogWith('field');
    focus('field');
    dialog.remove();
    await settled();
    expect(focused()).toBe('before');
  });

  it('the focus goes to the content of a page that was opened from a dialog, though its former owner is still there', async () => {
    focus('before');
    const dialog = dialogWith('field');
    focus('field');
    location.hash = '#/history';
    dialog.remove();
    await settled();
    expect(focused()).toBe('main');
    location.hash = '';
  });

  it('the focus stays in the open dialog when a dialog above it closes', async () => {
    focus('before');
    dialogWith('lower');
    focus('lower');
    const upper = dialogWith('upper');
    focus('upper');
    upper.remove();
    await settled();
    expect(focused()).toBe('lower');
  });

  it("the focus goes to the page's content where its former owner is gone or takes none", async () => {
    const button = focus('before');
    const dialog = dialogWith('field');
    focus('field');
    button?.setAttribute('disabled', '');
    dialog.remove();
    await settled();
    expect(focused()).toBe('main');
  });

  it("the focus goes to the page's content, not to an older button, when another page was opened", async () => {
    focus('before');
    add('button', 'of-the-page');
    focus('of-the-page')?.remove();
    await settled();
    expect(focused()).toBe('main');
  });

  it('the focus stays where the user has put it', async () => {
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
