import type { Browser } from 'playwright-core';
import { startApp, type TestApp, type TestAppOptions } from './app';
import { launchChromium } from '../browser/browser';

/** The app and a browser to look at it, for one file of tests. */
export interface AppInBrowser {
  readonly app: TestApp;
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Starts both; when the browser does not start, nothing stays behind. */
export async function startAppInBrowser(options: TestAppOptions = {}): Promise<AppInBrowser> {
  const app = await startApp(options);
  const browser = await launchChromium().catch(async (thrown: unknown) => {
    await app.close();
    throw thrown;
  });
  return {
    app,
    browser,
    close: async () => {
      await browser.close();
      await app.close();
    },
  };
}
