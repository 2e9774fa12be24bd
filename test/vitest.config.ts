import { defineConfig } from 'vitest/config';

/** What is asked again and again has this long, ms: a busy machine takes longer than the second that is usual. */
const patient = { poll: { timeout: 15_000 } };

/** A failure is told whole: the words of a job that failed are its cause. */
const whole = { truncateThreshold: 4_000 };

/** The runners of `npm test` that vitest drives; end-to-end and lab suites have their own projects. */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,tsx}', 'test/security/**/*.test.ts'],
          testTimeout: 30_000,
          expect: patient,
        },
      },
      {
        test: {
          name: 'integration',
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
