import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['test/**/*.test.ts'],
    // Making a document takes longer than all tests, so they share one.
    isolate: false,
    pool: 'threads',
    poolOptions: { threads: { singleThread: true } },
    sequence: { shuffle: true }
  }
});
