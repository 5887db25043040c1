import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const run = promisify(execFile);
let copy: string;

/** A copy of the code whose workspace packages lead to the copy, and the other packages to the installed ones. */
async function copyRepository(target: string): Promise<void> {
  const modules = path.join(target, 'node_modules');
  await mkdir(modules);
  for (const entry of await readdir(path.join(ROOT, 'node_modules'))) {
    if (entry === '@agent-platform' || (entry.startsWith('.') && entry !== '.bin')) continue;
    await symlink(path.join(ROOT, 'node_modules', entry), path.join(modules, entry));
  }
  const filter = (source: string): boolean => !/\/(\.data|\.cache)$/.test(source);
  for (const entry of [
    'node_modules/@agent-platform',
    'contracts',
    'libs',
    'scripts',
    'package.json',
    'tsconfig.base.json',
    'vitest.config.ts',
    '.oxfmtrc.json',
  ]) {
    await cp(path.join(ROOT, entry), path.join(target, entry), { recursive: true, verbatimSymlinks: true, filter });
  }
}

const inCopy = async (program: string, ...args: string[]): Promise<string> => {
  // Vitest marks its workers, and a Vitest inside would take itself for one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(VITEST|NODE_ENV|TEST$)/.test(key)));
  const { stdout } = await run(program, args, { cwd: copy, env: { ...env, NO_COLOR: '1' } }).catch((error: Error & { stdout?: string; stderr?: string }) => {
    throw new Error(`${path.basename(program)} ${args.join(' ')}:\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
  });
  return stdout;
};

beforeAll(async () => {
  copy = await realpath(await mkdtemp(path.join(tmpdir(), 'new-')));
  await copyRepository(copy);
});
afterAll(() => rm(copy, { recursive: true, force: true }));

test('a generated slice and a generated node type compile and pass their specs', async () => {
  await inCopy(process.execPath, 'scripts/new-feature.ts', 'purchase-entry');
  await inCopy(process.execPath, 'scripts/new-node.ts', 'word-count');
  const bin = (name: string): string => path.join(ROOT, 'node_modules', '.bin', name);
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noUnusedLocals', '--module', 'nodenext', '--target', 'es2024'];
  const options = [...strict, '--lib', 'es2025', '--types', 'node', '--noEmit', '--skipLibCheck', '--allowImportingTsExtensions', '--erasableSyntaxOnly'];
  const written = ['libs/features/purchase-entry/purchase-entry.decider.spec.ts', 'libs/features/purchase-entry/purchase-entry.projection.spec.ts'];
  await inCopy(bin('tsc'), ...options, 'libs/features/index.ts', ...written, 'libs/nodes/index.ts', 'libs/nodes/word-count.node.spec.ts');
  await inCopy(
    bin('oxfmt'),
    '--check',
    'contracts/purchase-entry',
    'libs/features/purchase-entry',
    'contracts/nodes/word-count.config.ts',
    'libs/nodes/word-count.node.ts',
  );
  const specs = [
    'purchase-entry',
    'word-count',
    'libs/features/features.spec.ts',
    'contracts/contracts.spec.ts',
    'contracts/fixtures',
    'libs/nodes/registry.spec.ts',
  ];
  const output = await inCopy(process.execPath, bin('vitest'), 'run', '--project', 'unit', ...specs);
  for (const file of ['purchase-entry.decider.spec.ts', 'purchase-entry.projection.spec.ts', 'word-count.node.spec.ts']) expect(output).toContain(file);
}, 120_000);

test('a name that is taken or no name is refused, and nothing is written', async () => {
  await expect(inCopy(process.execPath, 'scripts/new-feature.ts', 'app')).rejects.toThrow('Take another name');
  await expect(inCopy(process.execPath, 'scripts/new-node.ts', 'answer')).rejects.toThrow('exists already');
  await expect(inCopy(process.execPath, 'scripts/new-node.ts', 'Answer Node')).rejects.toThrow('kebab-case');
});
