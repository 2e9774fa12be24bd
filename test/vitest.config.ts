import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** How long a polled expectation may take, ms: a busy machine needs more than the usual second. */
const patient = { poll: { timeout: 15_000 } };

/** Failures are printed in full: the text of a failed job is its cause. */
const whole = { truncateThreshold: 4_000 };

/** One worker a core, where vitest would leave one core free: for tests that hold nothing to the time of day. */
const everyCore = { maxWorkers: availableParallelism() };

/**
 * Files that share a worker share the modules, too, which saves loading them for each: the app has no global state, and a
 * test that changes something outside its own objects puts it back.
 */
const sharedModules = { isolate: false };

/** The runners of `npm test` that vitest drives; end-to-end and lab suites have their own projects. */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          ...everyCore,
          include: ['test/unit/**/*.test.{ts,tsx}', 'test/security/**/*.test.ts'],
          testTimeout: 30_000,
          expect: patient,
        },
      },
      {
        test: {
          name: 'integration',
          ...sharedModules,
          include: ['test/integration/**/*.test.ts', 'test/sim/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: patient,
          chaiConfig: whole,
        },
      },
      {
        test: {
          name: 'e2e',
          ...sharedModules,
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: patient,
          chaiConfig: whole,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          expect: patient,
          chaiConfig: whole,
          fileParallelism: false,
        },
      },
    ],
  },
});
