import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startInfrastructure } from '@agent-platform/embedded/index';
import type { Show } from './emit.ts';

const WORKLOADS = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7'];
/** Longer ones, run when they are named. */
const LIMITS = ['keep-up', 'parked-memory', 'long-log'];
/** Bring their own servers, if any, and are nothing for a harness. */
const OWN: Readonly<Record<string, () => Promise<(show: Show, options: { scale: number; pglite: boolean }) => Promise<void>>>> = {
  code: async () => (await import('./code.bench.ts')).benchCode,
  knowledge: async () => (await import('./knowledge.bench.ts')).benchKnowledge,
  'model-gateway': async () => (await import('./model-gateway.bench.ts')).benchModelGateway,
};
const root = new URL('../../', import.meta.url).pathname;
const USAGE =
  'npm run bench -- [w1 w2 … | keep-up parked-memory long-log | code knowledge model-gateway] [--scale 1]: runs workloads on servers of its own (native Postgres, NATS) and prints their numbers.\n';

interface Line {
  readonly metric?: string;
  readonly value?: number;
  readonly unit?: string;
}

/** `npm run bench` without a harness: fresh servers for each workload, the numbers as a list. Returns the exit code. */
export async function runStandalone(args: readonly string[]): Promise<number> {
  const at = args.indexOf('--scale');
  const scale = at < 0 ? '1' : (args[at + 1] ?? '1');
  const chosen = args.filter((arg, index) => !arg.startsWith('--') && (at < 0 || index !== at + 1));
  if (args.includes('--help') || chosen.some((name) => ![...WORKLOADS, ...LIMITS, ...Object.keys(OWN)].includes(name))) {
    process.stdout.write(USAGE);
    return args.includes('--help') ? 0 : 2;
  }
  let failed = 0;
  for (const workload of chosen.length > 0 ? chosen : WORKLOADS) {
    process.stdout.write(`${workload}\n`);
    const own = OWN[workload];
    if (own) await (await own())(show, { scale: Number(scale), pglite: args.includes('--pglite') });
    else failed += await runOne(workload, scale);
  }
  return failed === 0 ? 0 : 1;
}

const show: Show = (metric, value, unit = '') =>
  void process.stdout.write(`  ${metric.padEnd(30)} ${String(Number(value.toPrecision(6))).padStart(10)} ${unit}\n`);

async function runOne(workload: string, scale: string): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'agent-platform-bench-'));
  const servers = await startInfrastructure({
    dataDir,
    cacheDir: join(root, '.cache'),
    postgres: 'native',
    settings: { shared_buffers: '512MB', max_connections: '200' },
  });
  try {
    const child = spawn(process.execPath, [import.meta.filename.replace('standalone', 'bench')], {
      cwd: root,
      env: { ...process.env, WORKLOAD: workload, SCALE: scale, DATABASE_URL: servers.databaseUrl, NATS_URL: servers.natsUrl },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { metric, value, unit } = JSON.parse(line) as Line;
      if (metric !== undefined && value !== undefined) show(metric, value, unit);
    });
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    return code === 0 ? 0 : 1;
  } finally {
    await servers.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
