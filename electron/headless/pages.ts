import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { contentType, PAGE_HEADERS, pageFile } from '../core/platform/page-policy';
import { ownHost, type Access } from './access';

/** What answering page requests needs. */
export interface PageDeps {
  readonly access: Access;
  readonly port: number;
  /** The directory of the built page. */
  readonly root: string;
}

/** Answers a request for the page: the link's token is exchanged first, then only the cookie opens files. */
export async function servePage(request: IncomingMessage, response: ServerResponse, deps: PageDeps): Promise<void> {
  if (!ownHost(request.headers, deps.port)) {
    refuse(response, 421, 'This address does not belong to Matriarch.');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'Only pages can be asked for here.');
    return;
  }
  const url = new URL(request.url ?? '/', 'http://page.invalid');
  const token = url.searchParams.get('token');
  if (token !== null) {
    exchangeToken(request, response, token, deps.access);
    return;
  }
  if (!deps.access.holdsCookie(request.headers)) {
    refuse(
      response,
      403,
      'This window has not been let in. Open the link that Matriarch printed; each link works once. ' +
        'Press Enter where Matriarch runs for a new one.',
    );
    return;
  }
  await serveFile(response, deps.root, request.url?.split('?')[0] ?? '/');
}

/** A second visit with the same link by a browser that is in already leads to the page, too. */
function exchangeToken(request: IncomingMessage, response: ServerResponse, token: string, access: Access): void {
  const cookie = access.exchange(token);
  if (cookie === null && !access.holdsCookie(request.headers)) {
    refuse(
      response,
      403,
      'This link was used already, or is not from this run. Press Enter where Matriarch runs for a new one.',
    );
    return;
  }
  response.writeHead(303, { ...PAGE_HEADERS, location: '/', ...(cookie === null ? {} : { 'set-cookie': cookie }) });
  response.end();
}

async function serveFile(response: ServerResponse, root: string, path: string): Promise<void> {
  const file = pageFile(root, path);
  const type = file === null ? null : contentType(file);
  const content = file === null || type === null ? null : await readOrNull(file);
  if (content === null || type === null) {
    refuse(response, 404, 'There is no such page.');
    return;
  }
  response.writeHead(200, { ...PAGE_HEADERS, 'content-type': type, 'content-length': content.length });
  response.end(content);
}

async function readOrNull(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch {
    return null;
  }
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${sentence}\n`);
}
