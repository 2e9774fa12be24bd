import type { Browser, Page } from 'playwright-core';

/** What the page showed, and when: `at` is when the words were in the document, `painted` after the next frame. ms since the epoch. */
export interface Shown {
  readonly what: string;
  readonly text: string;
  readonly at: number;
  readonly painted: number;
}

declare global {
  interface Window {
    benchShown: Shown[];
    benchReady?: number;
  }
}

/** Opens a page of the app in a window of its own. Nothing is cached from another one. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  // Functions that are sent to the page carry a helper of the TypeScript loader that only Node has.
  await context.addInitScript('globalThis.__name = (value) => value;');
  const page = await context.newPage();
  await page.goto(url, { timeout: 120_000 });
  return page;
}

/** Notes each change of the leader lock's holder on a cluster's page. `what` is always `leader`. */
export async function noteLeader(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.benchShown = [];
    let last = '';
    const note = (): void => {
      const term = [...document.querySelectorAll('dt')].find((one) => one.textContent === 'Holder');
      const words = term?.nextElementSibling?.textContent.trim() ?? '';
      const text = words.startsWith('nobody') ? '' : words;
      if (term === undefined || text === last) return;
      last = text;
      const at = Date.now();
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          window.benchShown.push({ what: 'leader', text, at, painted: Date.now() });
        };
        channel.port2.postMessage(0);
      });
    };
    note();
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** Notes each change of the leader cell of these clusters (by title) on the fleet page. `what` is the title. */
export async function noteFleetLeaders(page: Page, titles: readonly string[]): Promise<void> {
  await page.evaluate(
    (wanted) => {
      window.benchShown = [];
      const last = new Map<string, string>();
      const note = (): void => {
        for (const link of document.querySelectorAll('.m-fleet-link')) {
          const what = link.textContent;
          const text = link.closest('[role=row]')?.querySelectorAll('[role=cell]')[2]?.textContent ?? '';
          if (!wanted.includes(what) || last.get(what) === text) continue;
          last.set(what, text);
          const at = Date.now();
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
              window.benchShown.push({ what, text: text === 'no leader' ? '' : text, at, painted: Date.now() });
            };
            channel.port2.postMessage(0);
          });
        }
      };
      note();
      new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
    },
    [...titles],
  );
}

/** What was noted so far. */
export function shown(page: Page): Promise<readonly Shown[]> {
  return page.evaluate(() => window.benchShown);
}

/** Goes to a cluster's page; resolves with when it was complete: the holder of the lock, and no member with a figure that is not known. */
export function openClusterPage(page: Page, clusterId: string, members: number): Promise<number> {
  return page.evaluate(
    ([id, count]) =>
      new Promise<number>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`The page is not complete: ${document.body.innerText.slice(0, 2000)}`));
        }, 20_000);
        const look = (): void => {
          const rows = [...document.querySelectorAll('[data-testid^="member-"]')].map((row) => row.textContent);
          const complete =
            rows.length === count &&
            rows.every((row) => !row.includes('not known')) &&
            document.querySelector('.m-crown') !== null;
          if (!complete) return;
          observer.disconnect();
          clearTimeout(timer);
          resolve(Date.now());
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        window.location.hash = `#/cluster/${id}`;
        look();
      }),
    [clusterId, members] as const,
  );
}

/** The times between frames, ms, while the list of the fleet is scrolled up and down for so long. */
export function framesWhile(page: Page, ms: number): Promise<readonly number[]> {
  return page.evaluate(
    (limit) =>
      new Promise<number[]>((resolve) => {
        const list = document.querySelector('.m-fleet-list');
        const frames: number[] = [];
        const began = performance.now();
        let last = began;
        let step = 40;
        const frame = (now: number): void => {
          frames.push(now - last);
          last = now;
          if (list !== null) {
            if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) step = -40;
            else if (list.scrollTop <= 0) step = 40;
            list.scrollTop += step;
          }
          if (now - began < limit) requestAnimationFrame(frame);
          else resolve(frames.slice(2));
        };
        requestAnimationFrame(frame);
      }),
    ms,
  );
}
