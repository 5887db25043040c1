import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { readWorkspace, ROOT } from './boundaries/workspace.ts';

const run = promisify(execFile);
const ENV = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' };

async function nx(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [path.join(ROOT, 'node_modules', '.bin', 'nx'), ...args], { cwd: ROOT, env: ENV });
  return stdout;
}

const Graph = z.object({
  graph: z.object({
    nodes: z.record(z.string(), z.object({ data: z.object({ root: z.string(), tags: z.array(z.string()), targets: z.record(z.string(), z.unknown()) }) })),
    dependencies: z.record(z.string(), z.array(z.object({ target: z.string() }))),
  }),
});

test('the top level holds the ten entries and the usual dot and config files', async () => {
  const entries = await readdir(ROOT);
  const layout = ['apps', 'libs', 'contracts', 'infra', 'scripts', 'test', 'nx.json', 'package.json', 'tsconfig.base.json', 'README.md'];
  expect(entries).toEqual(expect.arrayContaining(layout));
  const usual = /^(\..*|node_modules|LICENSE|package-lock\.json|tsconfig\.json|knip\.json|vitest\.config\.ts|Dockerfile|compose\.ya?ml)$/;
  expect(entries.filter((entry) => !layout.includes(entry) && !usual.test(entry))).toEqual([]);
});

test('Nx knows every project, its layer and what it depends on', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'nx-graph-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'graph.json');
  await nx('graph', `--file=${file}`);
  const { graph } = Graph.parse(JSON.parse(await readFile(file, 'utf8')));
  const { packages } = await readWorkspace();
  for (const { name, folder: root, layer, dependencies, devDependencies } of packages) {
    expect(graph.nodes[name]?.data.root, name).toBe(root);
    expect(graph.nodes[name]?.data.tags, name).toContain(`type:${layer}`);
    expect(graph.nodes[name]?.data.targets, name).toHaveProperty('test');
    expect(new Set(graph.dependencies[name]?.map(({ target }) => target)), name).toEqual(new Set([...dependencies, ...devDependencies]));
  }
}, 120_000);
