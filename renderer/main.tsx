import { mountPage } from './app/mount';
import { reloadWhenPartIsMissing } from './app/parts';
import { createCore } from './rpc/core';
import { dialCore } from './rpc/dial';

const root = document.getElementById('page');
reloadWhenPartIsMissing(window);
if (root !== null) mountPage(root, createCore({ dial: dialCore(window), now: Date.now }));
