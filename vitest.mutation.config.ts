import { defineConfig } from 'vitest/config';
import { mutationArea } from './scripts/mutation-areas.ts';

/** The tests that mutation testing runs, those of one area (scripts/mutation.ts). */
export default defineConfig({
  test: {
    include: [...mutationArea(process.env['KEYWARD_MUTATION_AREA'] ?? '').tests],
    testTimeout: 20_000,
  },
});
