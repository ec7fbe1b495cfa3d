import { defineConfig } from 'vitest/config';

/** What judges a mutant: unit tests alone, since a mutant of the pure folders that only a socket finds is a hole. */
export default defineConfig({
  test: { include: ['test/unit/**/*.test.ts'], exclude: ['test/unit/architecture/**'] },
});
