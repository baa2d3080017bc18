import { defineConfig } from 'vitest/config';

/** The tests that judge one part's mutants; run.mjs names them. */
export default defineConfig({
  test: {
    include: process.env.MUTATION_TESTS?.split(',') ?? [],
    testTimeout: 10_000,
    hookTimeout: 30_000,
  },
});
