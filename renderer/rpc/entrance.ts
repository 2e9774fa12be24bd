import { ENTRANCE } from '../../shared/model/app/transport';

/** How a browser's window gets and shows the key that the headless host lets it in with. */
export interface Entrance {
  /** The subprotocols to open the WebSocket with. Rejects when the host does not answer or does not let the window in. */
  protocols(signal: AbortSignal): Promise<string[]>;
}

const KEPT_AS = 'matriarch.key';

/**
 * Takes the token out of the window's address at once, so that it is neither shown nor kept in the history. The key is
 * kept for the other windows of this origin; it is worth nothing once the host has ended. A window that is not let in is
 * led to the host's own words about that.
 */
export function createEntrance(page: Window): Entrance {
  let token = takeToken(page);
  let key = keptKey(page);
  return {
    protocols: async (signal) => {
      const answer = await page.fetch(ENTRANCE.path, {
        method: 'POST',
        headers: { [ENTRANCE.tokenHeader]: token, [ENTRANCE.keyHeader]: key },
        signal,
      });
      token = '';
      if (!answer.ok) {
        if (answer.status === 403) page.location.replace(ENTRANCE.shutPath);
        throw new Error('The host does not let this window in.');
      }
      key = await answer.text();
      keepKey(page, key);
      return [ENTRANCE.protocol, `${ENTRANCE.keyProtocol}${key}`];
    },
  };
}

function takeToken(page: Window): string {
  const token = /^#token=([\w-]+)$/.exec(page.location.hash)?.[1] ?? '';
  if (token !== '') page.history.replaceState(null, '', page.location.pathname);
  return token;
}

/** Empty, too, in a browser that keeps nothing for pages. */
function keptKey(page: Window): string {
  try {
    return page.localStorage.getItem(KEPT_AS) ?? '';
  } catch {
    return '';
  }
}

/** Where the browser keeps nothing, the key lives as long as the window. */
function keepKey(page: Window, key: string): void {
  try {
    page.localStorage.setItem(KEPT_AS, key);
  } catch {
    return;
  }
}
