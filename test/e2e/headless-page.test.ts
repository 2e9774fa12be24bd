import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../../electron/headless/open-browser';
import { startApp, type TestApp } from '../support/app/app';
import { launchChromium } from '../support/browser/browser';

/** As `--open` does it, with this browser in the place of the system's. */
async function openThroughFile(browser: Browser, app: TestApp) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const files: string[] = [];
  const remove = await openBrowser(app.dataDirectory, app.newUrl(), (file) => {
    files.push(file);
  });
  await page.goto(pathToFileURL(files[0] ?? '').href);
  await page.waitForURL(`${app.origin}/`);
  await remove();
  return { page, context };
}

describe('the page of the headless host in a browser', () => {
  let app: TestApp;
  let browser: Browser;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp(), launchChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  it('the headless page opens with its link and breaks no rule of the content security policy', async () => {
    const { page, context, problems } = await app.openPage(browser);
    await page.locator('#page').getByRole('button').first().waitFor();
    expect(page.url()).toBe(`${app.origin}/`);
    expect(problems).toEqual([]);
    await context.close();
  });

  it('several windows of an authorized browser can be open', async () => {
    const { page, context } = await app.openPage(browser);
    const second = await context.newPage();
    await second.goto(app.origin);
    await Promise.all([page, second].map((one) => one.locator('#page').getByRole('button').first().waitFor()));
    await context.close();
  });

  it('a browser without the link is told what to do and sees nothing else', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(app.origin);
    await page.getByText('Open the link that Matriarch printed').waitFor();
    expect(await page.locator('#page').count()).toBe(0);
    await context.close();
  });

  it('the file that opens the browser leads to the page', async () => {
    const { page, context } = await openThroughFile(browser, app);
    await page.locator('#page').getByRole('button').first().waitFor();
    expect(page.url()).toBe(`${app.origin}/`);
    await context.close();
  });

  it('another program of this computer that the browser visits receives nothing to come in with', async () => {
    const received: string[] = [];
    const other = createServer((request, response) => {
      received.push(JSON.stringify([request.url, request.headers]));
      response.end('<p>other</p>');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { page, context } = await app.openPage(browser);
    await page.locator('#page').getByRole('button').first().waitFor();
    const key = await page.evaluate(() => localStorage.getItem('matriarch.key'));
    expect(key).toMatch(/^[\w-]{43}$/);
    await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    expect(await page.evaluate(() => [document.cookie, document.referrer, localStorage.length])).toEqual(['', '', 0]);
    expect(received.join()).not.toContain(key);
    expect(received.join()).not.toContain('cookie');
    other.close();
    await context.close();
  });

  it('a script injected into the page does not run', async () => {
    const { page, context } = await app.openPage(browser);
    const ran = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
      return 'ran' in window;
    });
    expect(ran).toBe(false);
    await context.close();
  });

  it('the page cannot send anything to another origin', async () => {
    const { page, context } = await app.openPage(browser);
    const sent = await page.evaluate(() =>
      fetch('http://127.0.0.1:9/x', { mode: 'no-cors' }).then(
        () => 'sent',
        (thrown: Error) => thrown.message,
      ),
    );
    expect(sent).toContain('Failed to fetch');
    await context.close();
  });
});
