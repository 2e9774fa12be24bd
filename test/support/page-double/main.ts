import { createRouterClient } from '@orpc/server';
import { mountPage } from '../../../renderer/app/mount';
import { connectCore } from '../../../renderer/rpc/core';
import { doubleRouter } from './router';

const root = document.getElementById('page');
const asked = new URLSearchParams(window.location.search);
const client = createRouterClient(
  doubleRouter(asked.get('scene') ?? 'healthy', { now: Date.now(), theme: asked.has('dark') ? 'dark' : 'light' }),
);
if (root !== null)
  mountPage(
    root,
    connectCore({ dial: () => Promise.resolve({ client, closed: new Promise(() => undefined) }), now: Date.now }),
  );
