import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow to one and a half times of what is in use before it is collected, instead of up to four times: the app runs for days
 * beside others, and the logins of a large fleet leave much that is not needed afterwards. A V8 that does not know the flag
 * says so on stderr and goes on. To be called once, first of all, by a program that has a process of its own.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
