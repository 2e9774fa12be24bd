import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ENTRANCE } from '../../shared/model/app/transport';
import { contentType, PAGE_HEADERS, pageFile } from '../core/platform/page-policy';
import { ownHost, ownOrigin, type Access } from './access';

/** What answering page requests needs. */
export interface PageDeps {
  readonly access: Access;
  readonly port: number;
  /** The directory of the built page. */
  readonly root: string;
}

const notLetIn =
  'This window has not been let in. Open the link that Matriarch printed; each link works once. ' +
  'Press Enter where Matriarch runs for a new one.';

/**
 * Answers a request for the page, which holds no secret, or for the key to the core. The key is given to the page alone:
 * the request must come from its origin, and with headers that no other page can send.
 */
export async function servePage(request: IncomingMessage, response: ServerResponse, deps: PageDeps): Promise<void> {
  if (!ownHost(request.headers, deps.port)) {
    refuse(response, 421, 'This address does not belong to Matriarch.');
    return;
  }
  const path = request.url?.split('?')[0] ?? '/';
  if (request.method === 'POST' && path === ENTRANCE.path) {
    giveKey(request, response, deps);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'Only pages can be asked for here.');
    return;
  }
  if (path === ENTRANCE.shutPath) refuse(response, 403, notLetIn);
  else await serveFile(response, deps.root, path);
}

function giveKey(request: IncomingMessage, response: ServerResponse, { access, port }: PageDeps): void {
  const key = ownOrigin(request.headers, port) ? access.exchange(request.headers) : null;
  if (key === null) {
    refuse(response, 403, notLetIn);
    return;
  }
  response.writeHead(200, { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8' });
  response.end(key);
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
