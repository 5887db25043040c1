/**
 * `npm run build [-- --if-stale]`: bundles the roles to `dist/<role>.js`, with source maps. Nothing needs it: Node runs the
 * sources as they are. But a bundle is one file where the sources and packages of a role are a thousand, so it starts in
 * less than half the time, and runs wait for the start of the process that takes them over. Images and benchmarks use it.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { DIST, isBuilt, markBuilt, ROOT } from './build/built.ts';
import { sourceUrls } from './build/source-urls.ts';

const ROLES = ['gateway', 'commands', 'relay', 'projector', 'executor', 'scheduler', 'model-gateway', 'code-runner'];

/** Packages that stay where they are: they look for files of their own, for optional packages that nobody installs, or are loaded late. */
const OUTSIDE = [
  /^(@nestjs|@fastify)\//,
  'fastify',
  /^rxjs/,
  'reflect-metadata',
  'pg-native',
  'cloudflare:sockets',
  /^(@energetic-ai\/.*|@mozilla\/readability|linkedom|mammoth|nodemailer|pyodide|turndown|unpdf)$/,
];

async function build(): Promise<void> {
  await rm(DIST, { recursive: true, force: true });
  const bundle = await rolldown({
    input: Object.fromEntries(ROLES.map((role) => [role, path.join(ROOT, 'apps', role, 'main.ts')])),
    cwd: ROOT,
    platform: 'node',
    external: OUTSIDE,
    plugins: [sourceUrls(ROOT)],
    logLevel: 'warn',
  });
  await bundle.write({ dir: DIST, format: 'esm', chunkFileNames: '[name]-[hash].js', sourcemap: true });
  await bundle.close();
  markBuilt();
}

const { values } = parseArgs({ options: { 'if-stale': { type: 'boolean' } } });
if (values['if-stale'] !== true || !isBuilt()) {
  const started = performance.now();
  await build();
  console.log(`dist/: ${ROLES.length} roles in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
