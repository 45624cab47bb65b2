/**
 * One runner for every test, in four suites. `npm run check` runs `unit`, `npm test` adds `numbers` and `e2e`, `npm run test:slow` runs `slow`;
 * see test/run.mjs.
 */
import { defineConfig } from 'vitest/config';

/** Reference tensors, laws of ops on every device, whole runs, teachers at work: minutes of arithmetic, so not part of the quick check. */
const numbers = [
  'test/**/*.golden.test.ts',
  'test/engine/{devices,gradients,precision,recompute,webgpu}.test.ts',
  'test/compute/{devices,forecast,muduoForecast,prompt}.test.ts',
  'test/services/{demo,distilling,fullDisk,ledger,prompting,studies,teacherLibrary,teachers,training}.test.ts',
  'test/engine/trainStep.test.ts',
  'test/imaging/assorted.test.ts',
  'test/shell/{autopetOrgan,cli,study}.test.ts',
  'test/methods/muduo.test.ts',
  'test/methods/practice.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.{ts,tsx}'], exclude: ['test/e2e/**', 'test/slow/**', ...numbers] },
      },
      {
        extends: true,
        test: { name: 'numbers', include: numbers, testTimeout: 300_000 },
      },
      {
        extends: true,
        // A browser, the program and its compute process at once: one file at a time is faster than two that starve each other.
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/built.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          globalSetup: ['test/built.ts'],
          fileParallelism: false,
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
        },
      },
    ],
  },
});
