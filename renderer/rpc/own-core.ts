import { connectCore, type CoreConnection } from './core';
import { dialCore } from './dial';

/** The page's core, dialled as soon as this module runs: imported first, it is being reached while the rest of the page starts. */
export const ownCore: CoreConnection = connectCore({ dial: dialCore(window), now: Date.now });
