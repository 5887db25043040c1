/**
 * `npm run sync`: writes into every workspace's package.json what its code imports of the other workspaces
 * (`dependencies`) and what only its tests import (`devDependencies`), and its Nx target; brings package-lock.json in line.
 * Nx draws its project graph from these lists, and scripts/boundaries compares them with the imports.
 */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { importedPackages, readWorkspace, ROOT } from './boundaries/workspace.ts';

const VERSION = '0.1.0';
const Json = z.record(z.string(), z.json());

const entries = (names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, VERSION]));

const workspace = await readWorkspace();
let changed = 0;
for (const owner of workspace.packages) {
  const file = path.join(ROOT, owner.folder, 'package.json');
  const before = await readFile(file, 'utf8');
  const { code, tests } = importedPackages(owner, workspace);
  const { nx: _nx, dependencies: _old, devDependencies: _oldDev, ...manifest } = Json.parse(JSON.parse(before));
  const nx = { tags: [`type:${owner.layer}`], targets: { test: {} } };
  const after = { ...manifest, dependencies: entries(code), ...(tests.length > 0 ? { devDependencies: entries(tests) } : {}), nx };
  const text = `${JSON.stringify(after, null, 2)}\n`;
  if (text === before) continue;
  await writeFile(file, text);
  process.stdout.write(`wrote ${owner.folder}/package.json\n`);
  changed += 1;
}
if (changed === 0) process.stdout.write('Every package.json says what is imported.\n');
const { status } = spawnSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
