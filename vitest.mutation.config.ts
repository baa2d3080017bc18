import { defineConfig } from 'vitest/config';

/** The tests that judge mutants (npm run mutation): without processes, networks of the lab and the long property tests. */
export default defineConfig({
  test: {
    include: ['test/report.test.ts', 'test/spf/*.test.ts', 'test/rules/*.test.ts'],
    exclude: ['test/spf/command.test.ts', 'test/spf/mailauth.test.ts', 'test/spf/properties.test.ts'],
    testTimeout: 10_000,
    hookTimeout: 30_000,
  },
});
