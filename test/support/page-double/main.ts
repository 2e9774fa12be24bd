import { createRouterClient } from '@orpc/server';
import { mountPage } from '../../../renderer/app/mount';
import { createCore } from '../../../renderer/rpc/core';
import { doubleRouter } from './router';

const root = document.getElementById('page');
const scene = new URLSearchParams(window.location.search).get('scene') ?? 'healthy';
const client = createRouterClient(doubleRouter(scene));
if (root !== null) mountPage(root, createCore({ dial: () => Promise.resolve({ client, closed: new Promise(() => undefined) }), now: Date.now }));
