import { defineConfig } from 'vitest/config';

// The suffix of a test file says what it needs, and so which project runs it:
//   *.spec.ts             nothing: pure, milliseconds
//   *.int.spec.ts         Postgres or NATS
//   *.e2e.spec.ts         the whole platform (`*.chaos.e2e.spec.ts` is a short chaos run, part of `npm test`)
//   *.chaos.spec.ts       minutes of killing: `vitest run --project chaos`, never part of `npm test`
const ANYWHERE = ['apps', 'contracts', 'infra', 'libs', 'scripts', 'test'];
const files = (suffix: string): string[] => ANYWHERE.map((folder) => `${folder}/**/*${suffix}`);
const NEVER = ['**/node_modules/**', '**/dist/**', '**/.data/**', '**/.cache/**'];
// A poll waits for another process. The second that vitest gives it is not enough on a machine with two cores and four tests.
const POLL = { poll: { timeout: 30_000 } };

export default defineConfig({
  // Nothing in the tests is meant for a browser, and Vite would look for a PostCSS config up to the root of the disk.
  css: { postcss: { plugins: [] } },
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: files('.spec.ts'),
          exclude: [...NEVER, '**/*.int.spec.ts', '**/*.e2e.spec.ts', '**/*.chaos.spec.ts'],
          // Pure tests share nothing that could be left dirty: one worker loads each module once.
          isolate: false,
          // Seconds on a machine of its own; hostile input that takes exponential time never ends.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'int',
          globalSetup: 'test/support/nats.setup.ts',
          include: files('.int.spec.ts'),
          exclude: NEVER,
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 60_000,
          expect: POLL,
          // Setup starts servers, the first time after fetching them.
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          globalSetup: 'test/support/nats.setup.ts',
          include: files('.e2e.spec.ts'),
          exclude: NEVER,
          pool: 'forks',
          // Each starts a platform of its own, and mostly waits for it: two at a time take two thirds of the time.
          maxWorkers: 2,
          testTimeout: 120_000,
          expect: POLL,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'chaos',
          globalSetup: 'test/support/nats.setup.ts',
          include: files('.chaos.spec.ts'),
          exclude: NEVER,
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 30 * 60_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
