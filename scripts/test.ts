/**
 * `npm test [-- <part of a path> ...]`: every test but the long chaos runs (projects: vitest.config.ts).
 *
 * Prints a line per test file while it runs, the failures, and as the last line `N passed, N failed`
 * (and `, N skipped`). A file that can't be loaded, a failing hook of a file without tests and an error
 * outside of any test count as failed. Ends with code 0 only when something passed and nothing failed.
 *
 * Options: `--project <unit|int|e2e|chaos>` (repeatable) runs only these; `--coverage`
 * (`npm run coverage`) writes coverage/index.html; `--pass-with-no-tests`.
 */
import { parseArgs } from 'node:util';
import { createVitest, TestsNotFoundError, type TestModule, type Vitest } from 'vitest/node';
import { checkNode } from './node.version.ts';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

function count(modules: readonly TestModule[], unhandledErrors: number): Tally {
  const tally: Tally = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    const before = tally.failed;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that neither ran nor was skipped was lost with its worker.
      tally[state === 'pending' ? 'failed' : state] += 1;
    }
    if (!module.ok() && tally.failed === before) tally.failed += 1;
  }
  return tally;
}

async function runTests(vitest: Vitest, filters: string[]): Promise<Tally> {
  try {
    const { testModules, unhandledErrors } = await vitest.start(filters);
    return count(testModules, unhandledErrors.length);
  } catch (error) {
    if (!(error instanceof TestsNotFoundError)) throw error;
    if (mayBeEmpty) return { passed: 0, failed: 0, skipped: 0 };
    process.stderr.write(`No test file has "${filters.join('" or "')}" in its path. Remedy: give a part of one, for example "npm test -- libs/graph".\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const PROJECTS = ['unit', 'int', 'e2e'];

checkNode();
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    project: { type: 'string', multiple: true },
    coverage: { type: 'boolean', default: false },
    'pass-with-no-tests': { type: 'boolean', default: false },
  },
});
const mayBeEmpty = values['pass-with-no-tests'];
const vitest = await createVitest({
  watch: false,
  run: true,
  project: values.project ?? PROJECTS,
  reporters: ['default'],
  passWithNoTests: mayBeEmpty,
  coverage: { enabled: values.coverage, reporter: ['text-summary', 'html'], include: ['apps/**/*.ts', 'contracts/**/*.ts', 'libs/**/*.ts'] },
  // `test.only` left in a file would hide every other test of it.
  allowOnly: positionals.length > 0 && process.env['CI'] === undefined,
});
const tally = await runTests(vitest, positionals);
await vitest.close();
const { passed, failed, skipped } = tally;
// The exit waits for the line: stdout may be a pipe.
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`, () => {
  process.exit(failed === 0 && (passed > 0 || mayBeEmpty) ? 0 : 1);
});
