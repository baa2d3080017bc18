import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Tests that leave the process as it was: they replace no module, change no folder and count no sockets. They share one
 * process for each processor, and so load the sources once instead of once for each file.
 */
const SHARING = ['check', 'golden', 'knowledge', 'network', 'report', 'reporters', 'standards'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

/** Tests in the same folders that count what is open, so that they need a process of their own. */
const ALONE = [
  'test/network/dns/client.test.ts',
  'test/network/https/client.test.ts',
  'test/network/smtp/connection.test.ts',
  'test/network/smtp/faults.test.ts',
  'test/network/smtp/tls.test.ts',
];

const each = {
  setupFiles: ['test/after-each.ts'],
  // For what hangs: a busy machine needs several times the seconds of a quiet one.
  testTimeout: 90_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    projects: [
      { test: { ...each, name: 'sharing', include: SHARING, exclude: ALONE, isolate: false } },
      // The lab needs root and namespaces: npm run lab.
      {
        test: { ...each, name: 'alone', include: ['test/**/*.test.ts'], exclude: ['test/lab/**', ...SHARING] },
      },
      { test: { ...each, name: 'apart', include: ALONE } },
    ],
    globalSetup: ['test/build.ts'],
    // By itself Vitest leaves one processor idle. These tests wait for sockets and processes much of their time.
    maxWorkers: availableParallelism(),
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html'],
      // What the sample of 2026-11-29 reached. The command line runs in processes of its own, which are not counted.
      thresholds: { statements: 88, branches: 84, functions: 88, lines: 89 },
    },
  },
});
