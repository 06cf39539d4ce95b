import { defineConfig } from 'vitest/config';

/** The tests that mutation testing runs (stryker.config.json): those of headers, frames and the engine. */
export default defineConfig({
  test: {
    include: ['test/unit/envelope/{parsers,header,plan,vectors,unlock,copies,frozen}.test.ts'],
    testTimeout: 20_000,
  },
});
