import { createCore, type Core } from './core';
import { dialCore } from './dial';

/** The page's core, dialled as soon as this module runs: imported first, it is being reached while the rest of the page starts. */
export const ownCore: Core = createCore({ dial: dialCore(window), now: Date.now });
