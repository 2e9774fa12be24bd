import { ownCore } from './rpc/own-core';
import { mountPage } from './app/mount';
import { reloadWhenPartIsMissing } from './app/lazy-parts';
import { followDesktopMessages } from './app/desktop-messages';

const root = document.getElementById('page');
reloadWhenPartIsMissing(window);
followDesktopMessages(window);
if (root !== null) mountPage(root, ownCore);
