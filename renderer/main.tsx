import { ownCore } from './rpc/own-core';
import { mountPage } from './app/mount';
import { reloadWhenPartIsMissing } from './app/parts';
import { followShell } from './app/shell-messages';

const root = document.getElementById('page');
reloadWhenPartIsMissing(window);
followShell(window);
if (root !== null) mountPage(root, ownCore);
