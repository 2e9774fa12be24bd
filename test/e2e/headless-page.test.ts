import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { startApp, type TestApp } from '../support/app/app';
import { launchChromium } from '../support/browser/browser';

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
    const response = await page.goto(app.origin);
    expect(response?.status()).toBe(403);
    expect(await page.locator('body').innerText()).toContain('Open the link that Matriarch printed');
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
