import type { Log } from './log';

/**
 * What happens when something was thrown that nobody caught. A rejected promise is logged and the app goes on:
 * only its own work was lost. An exception in the middle of an event leaves a state nobody knows, and an app
 * that acts on databases must not go on with one: it is logged and `end` is called.
 */
export function guardProcess(log: Log, end: () => void): void {
  process.on('unhandledRejection', (reason) => {
    log.error({ err: reason }, 'a rejection nobody handled');
  });
  process.on('uncaughtException', (thrown) => {
    log.fatal({ err: thrown }, 'an exception nobody caught');
    end();
  });
}
