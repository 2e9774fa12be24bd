import { defineConfig } from 'vitest/config';

/** The runners of `npm test` that vitest drives; end-to-end and lab suites have their own projects. */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}', 'test/security/**/*.test.ts'], testTimeout: 15_000 } },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts', 'test/sim/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } },
      { test: { name: 'lab', include: ['test/lab/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 900_000, fileParallelism: false } },
    ],
  },
});
