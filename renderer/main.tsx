import { mountPage } from './app/mount';
import { createCore } from './rpc/core';
import { dialCore } from './rpc/dial';

const root = document.getElementById('page');
if (root !== null) mountPage(root, createCore({ dial: dialCore(window), now: Date.now }));
