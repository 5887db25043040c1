/**
 * `npm run verify [-- --static]`: everything that CI checks, in the order of cost. Stops at the first failure,
 * shows what the tool said and what to do about it. `--static` leaves out the tests.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkNode } from './node.version.ts';

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly remedy: string;
}

const ROOT = path.resolve(import.meta.dirname, '..');
const tool = (name: string): string => path.join(ROOT, 'node_modules', '.bin', name);

const STATIC: readonly Check[] = [
  { name: 'types', command: [tool('tsc'), '-p', 'tsconfig.json'], remedy: 'correct the types named above (npx tsc -p tsconfig.json)' },
  {
    name: 'lint',
    command: [tool('oxlint'), '--type-aware', '--deny-warnings'],
    remedy: 'correct the lines named above; "npm run lint -- --fix" does what is safe',
  },
  { name: 'format', command: [tool('oxfmt'), '--check', '.'], remedy: 'npm run format' },
  { name: 'dead code', command: [process.execPath, tool('knip'), '--no-config-hints'], remedy: 'delete what nothing uses, or declare the entry in knip.json' },
  { name: 'generated documents', command: [process.execPath, 'scripts/generate.ts', '--check'], remedy: 'npm run generate, and commit what it wrote' },
  {
    name: 'boundaries',
    command: [process.execPath, 'scripts/test.ts', '--project', 'unit', 'scripts/boundaries'],
    remedy: 'move the import or the file; scripts/boundaries/table.ts says who may use whom',
  },
];

/** Runs one check; resolves to its output when it failed. */
async function run({ command: [program, ...args] }: Check, show: boolean): Promise<string | undefined> {
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'] });
  const parts: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer) => parts.push(part));
  child.stderr?.on('data', (part: Buffer) => parts.push(part));
  return await new Promise((resolve) => {
    child.once('error', (error) => resolve(`${program}: ${error.message}`));
    child.once('close', (code) => resolve(code === 0 ? undefined : Buffer.concat(parts).toString()));
  });
}

async function verify(): Promise<number> {
  for (const check of STATIC) {
    const started = performance.now();
    const output = await run(check, false);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (output !== undefined) {
      process.stdout.write(`${output.trimEnd()}\n\nfailed  ${check.name} (${seconds} s)\nRemedy: ${check.remedy}\n`);
      return 1;
    }
    process.stdout.write(`ok  ${check.name} (${seconds} s)\n`);
  }
  if (values.static === true) return 0;
  const tests: Check = { name: 'tests', command: [process.execPath, 'scripts/test.ts'], remedy: '' };
  return (await run(tests, true)) === undefined ? 0 : 1;
}

checkNode();
const { values } = parseArgs({ options: { static: { type: 'boolean' } } });
process.exitCode = await verify();
