/**
 * The app in a process of its own, as the headless program starts it: data directory, home and built page are its arguments. Whoever
 * started it asks for a link or for what it uses of memory, by messages.
 */
import { keepHeapSmall } from '../../../electron/core/platform/heap';
import { guardProcess } from '../../../electron/core/platform/last-resort';
import { runHeadless } from '../../../electron/headless/run';

keepHeapSmall();
const [dataDirectory = '', homeDirectory = '', pageRoot = ''] = process.argv.slice(2);
const app = await runHeadless(
  { port: 0, bind: '127.0.0.1', demo: false, files: [] },
  {
    dataDirectory,
    homeDirectory,
    pageRoot,
    version: 'test',
    user: 'tester',
    agentSocket: undefined,
    ask: () => Promise.resolve(true),
  },
);
guardProcess(app.core.log, () => process.exit(1));

const answers: Readonly<Record<string, () => Record<string, unknown>>> = {
  link: () => ({ url: app.server.newUrl() }),
  memory: () => {
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heapUsed, external, resources: process.getActiveResourcesInfo().length };
  },
};

process.on('message', (asked) => {
  const answer = answers[String(asked)];
  if (answer !== undefined) process.send?.({ asked, ...answer() });
});
process.send?.({ asked: 'ready' });
