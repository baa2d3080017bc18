/** The lab: the built command line against real mail servers and lists in network namespaces. Needs root, on Linux. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    globalSetup: ['test/build.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Two at a time are what a small machine stands without the clocks of the mail servers going wrong.
    maxWorkers: 2,
  },
});
