import { readFile } from 'node:fs/promises';
import { protocol } from 'electron';
import { contentType, PAGE_HEADERS, pageFile } from '../core/platform/page-policy';

/** The page's own origin. */
export const PAGE_ORIGIN = 'app://matriarch';

/** Must run before the app is ready: makes app:// a secure, standard scheme with an origin. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built page under app://matriarch/, and nothing outside its directory. */
export function serveScheme(pageRoot: string): void {
  protocol.handle('app', (request) => answer(request.url, request.method, pageRoot));
}

/** The answer to one request. */
export async function answer(address: string, method: string, pageRoot: string): Promise<Response> {
  const path = method === 'GET' ? pagePath(address) : null;
  const file = path === null ? null : pageFile(pageRoot, path);
  const type = file === null ? null : contentType(file);
  if (file === null || type === null) return refused();
  try {
    return new Response(new Uint8Array(await readFile(file)), { headers: { ...PAGE_HEADERS, 'content-type': type } });
  } catch {
    return refused();
  }
}

/** The raw path, so that the traversal check sees what was asked for; null for another origin. */
function pagePath(address: string): string | null {
  if (address !== PAGE_ORIGIN && !address.startsWith(`${PAGE_ORIGIN}/`)) return null;
  return (address.slice(PAGE_ORIGIN.length).split(/[?#]/)[0] ?? '') || '/';
}

function refused(): Response {
  return new Response('There is no such page.', {
    status: 404,
    headers: { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8' },
  });
}
