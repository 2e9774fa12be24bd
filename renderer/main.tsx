import { mountPage } from './app/mount';
import { reloadWhenPartIsMissing } from './app/parts';
import { followShell } from './app/shell-messages';
import { createCore } from './rpc/core';
import { dialCore } from './rpc/dial';

const root = document.getElementById('page');
reloadWhenPartIsMissing(window);
followShell(window);
if (root !== null) mountPage(root, createCore({ dial: dialCore(window), now: Date.now }));
