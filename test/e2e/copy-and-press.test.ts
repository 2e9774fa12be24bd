import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterTabs } from '../../renderer/navigation/route';
import { startAppInBrowser, type AppInBrowser } from '../support/app/app-in-browser';
import { openDemoPage, type DemoPage } from '../support/browser/demo-page';

let started: AppInBrowser;
let demo: DemoPage;

beforeAll(async () => {
  started = await startAppInBrowser({ demo: true });
  demo = await openDemoPage(started);
  await demo.page.setViewportSize({ width: 1600, height: 1200 });
});
afterAll(async () => {
  await demo?.close();
  await started?.close();
});

const pages: readonly string[] = [
  '#/',
  '#/servers',
  '#/connect',
  '#/deploy',
  '#/history',
  '#/settings',
  ...clusterTabs.map((tab) => `#/cluster/demo-cluster-catalog/${tab}`),
];

async function show(page: Page, hash: string): Promise<void> {
  await page.goto(`${started.app.origin}/${hash}`);
  await page.getByRole('main').getByRole('heading').first().waitFor();
  await page.waitForTimeout(1_500);
}

/** Addresses, fingerprints, commands and events on the page that no button with a name copies. */
function notCopied(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const value = /^(\S+@)?(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\])(:\d+)?$|^https?:\/\/\S+$|^SHA256:\S{20,}$/;
    const isShown = (element: Element): boolean =>
      element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
    const name = (button: Element): string =>
      button.getAttribute('aria-label') ?? button.getAttribute('title') ?? button.textContent;
    const isCopied = (element: Element, within: string): boolean => {
      const whole = element.closest(within) ?? element;
      const buttons = [element.closest('button'), ...whole.querySelectorAll('button')];
      return buttons.some((button) => button !== null && /copy/i.test(name(button)));
    };
    const walk = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
    const found: string[] = [];
    while (walk.nextNode() !== null) {
      const { parentElement: at, textContent: text } = walk.currentNode;
      if (at === null || text === null || !value.test(text.trim()) || !isShown(at)) continue;
      if (at.closest('input, textarea, .xterm, .cm-editor, a') !== null) continue;
      if (!isCopied(at, 'button, dd, .m-command')) found.push(text.trim());
    }
    for (const one of document.querySelectorAll('main .m-command, main .m-event'))
      if (isShown(one) && !isCopied(one, '.m-command, .m-event')) found.push(one.textContent.trim().slice(0, 60));
    return [...new Set(found)];
  });
}

/** Buttons that nothing marks as such: no border, no ground of their own, no line under the words and no icon. */
function plainButtons(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const isShown = (element: Element): boolean =>
      element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
    const ground = (element: Element | null): string => {
      const colour = element === null ? '' : getComputedStyle(element).backgroundColor;
      return element === null || colour !== 'rgba(0, 0, 0, 0)' ? colour : ground(element.parentElement);
    };
    const isMarked = (button: Element): boolean => {
      const style = getComputedStyle(button);
      const hasBorder = style.borderBottomStyle !== 'none' && parseFloat(style.borderBottomWidth) > 0;
      const hasShadow = style.boxShadow !== 'none';
      const hasGround = ground(button) !== ground(button.parentElement);
      const isUnderlined = [button, ...button.querySelectorAll('*')].some((one) =>
        getComputedStyle(one).textDecorationLine.includes('underline'),
      );
      return hasBorder || hasShadow || hasGround || isUnderlined || button.querySelector('svg') !== null;
    };
    return [...document.querySelectorAll('button, [role="button"]')]
      .filter((button) => isShown(button) && button.closest('.xterm, .cm-editor, .react-flow__controls') === null)
      .filter((button) => !isMarked(button))
      .map(
        (button) =>
          `${button.className}: ${(button.getAttribute('aria-label') ?? button.textContent).trim().slice(0, 60)}`,
      );
  });
}

describe.each(pages)('on the page %s', (hash) => {
  it('a button with a name copies every address, fingerprint, command and event', async () => {
    await show(demo.page, hash);
    expect(await notCopied(demo.page)).toEqual([]);
  });

  it('every button looks like one: it has a border, a ground, a line under its words or an icon', async () => {
    await show(demo.page, hash);
    expect(await plainButtons(demo.page)).toEqual([]);
  });
});
