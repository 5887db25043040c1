import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CodeOutcome } from '@agent-platform/ports/code.port';
import { outcomeOf } from './guest.outcome.ts';
import { startGuest } from './guest.process.ts';
import type { Language, Tier } from './tier.ts';

/** Patience with one canary: the first start on a cold disk takes long. */
const PROBE_MS = 15_000;
const CANARY_VARIABLE = 'SANDBOX_CANARY';

interface Plants {
  readonly file: string;
  readonly secret: string;
  readonly port: number;
}

/**
 * Lets guests of a tier try to get out: read a planted file by call and by import, read the environment, write, start
 * a process, open a connection to a listener of ours. Null when the tier works and every try failed, else what is wrong.
 */
export async function probe(tier: Tier): Promise<string | null> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sandbox-canary-'));
  chmodSync(folder, 0o755);
  const secret = randomBytes(12).toString('hex');
  const file = path.join(folder, 'canary.json');
  writeFileSync(file, JSON.stringify(secret), { mode: 0o644 });
  let reached = false;
  const server = createServer((socket) => {
    reached = true;
    socket.destroy();
  });
  const before = process.env[CANARY_VARIABLE];
  process.env[CANARY_VARIABLE] = secret;
  try {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const problem = await tryOut(tier, { file, secret, port });
    return problem ?? (reached ? 'a guest reached a listener of this machine' : null);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    if (before === undefined) delete process.env[CANARY_VARIABLE];
    else process.env[CANARY_VARIABLE] = before;
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tryOut(tier: Tier, plants: Plants): Promise<string | null> {
  const canaries = CANARIES[tier.language](plants);
  const called = await execute(tier, canaries.calls);
  if (called.status === 'failed') return `it does not run code: ${called.error?.message.slice(0, 300)}`;
  if (!Array.isArray(called.result_json)) return 'it gave no result';
  if (called.result_json.length > 0) return `a guest got out by ${JSON.stringify(called.result_json)}`;
  for (const code of canaries.imports) {
    const outcome = await execute(tier, code);
    if (JSON.stringify(outcome).includes(plants.secret)) return 'a guest read a file by an import';
  }
  return null;
}

async function execute(tier: Tier, code: string): Promise<CodeOutcome> {
  const end = await startGuest(tier).run({ code, input_json: null }, PROBE_MS, new AbortController().signal);
  return outcomeOf(end, tier, PROBE_MS);
}

interface Canaries {
  /** Leaves the names of the ways out that worked in `result`. */
  readonly calls: string;
  /** The secret must not be in what comes of these. */
  readonly imports: readonly string[];
}

const CANARIES: Readonly<Record<Language, (plants: Plants) => Canaries>> = {
  javascript: ({ file, secret, port }) => {
    const name = JSON.stringify(file);
    const target = `{ hostname: '127.0.0.1', port: ${port} }`;
    return {
      calls: `
        const out = [];
        const attempt = async (what, work) => { try { await work(); out.push(what); } catch { /* contained */ } };
        await attempt('read', () => Deno.readTextFileSync(${name}));
        await attempt('node:fs', async () => (await import('node:fs')).readFileSync(${name}));
        await attempt('import', async () => (await import(${name}, { with: { type: 'json' } })).default);
        await attempt('file import', () => import('file://' + ${name}, { with: { type: 'text' } }));
        await attempt('environment', () => Deno.env.toObject());
        await attempt('variable', () => { if (Deno.env.get('${CANARY_VARIABLE}') !== '${secret}') throw 0; });
        await attempt('process', () => new Deno.Command('/bin/true').outputSync());
        await attempt('child_process', async () => { const end = (await import('node:child_process')).spawnSync('/bin/true'); if (end.error) throw end.error; });
        await attempt('connect', () => Deno.connect(${target}));
        await attempt('fetch', () => fetch('http://127.0.0.1:${port}/'));
        await attempt('listen', () => Deno.listen({ port: 0 }));
        await attempt('write', () => Deno.writeTextFileSync('/tmp/canary', 'x'));
        result = out;`,
      imports: [
        `import secret from ${name} with { type: 'json' }; result = secret;`,
        `result = (await import(${name}, { with: { type: 'json' } })).default;`,
        `result = (await import('data:text/javascript,' + encodeURIComponent('export { default } from ' + JSON.stringify('file://${file}') + ' with { type: "json" }'))).default;`,
      ],
    };
  },
  python: ({ file, secret, port }) => ({
    calls: `
import os, socket
result = []
def attempt(what, work):
    try:
        if work() is not False:
            result.append(what)
    except Exception:
        pass
attempt('read', lambda: open(${JSON.stringify(file)}).read())
attempt('environment', lambda: '${secret}' in repr(dict(os.environ)))
attempt('connect', lambda: socket.create_connection(('127.0.0.1', ${port}), 2))
attempt('resolve', lambda: socket.getaddrinfo('example.com', 80))
attempt('write', lambda: open('/usr/canary', 'w'))
attempt('signal', lambda: os.kill(${process.pid}, 0))
attempt('processes', lambda: len(os.listdir('/proc')) > 0)
`,
    imports: [`import sys\nsys.path.insert(0, ${JSON.stringify(path.dirname(file))})\nimport canary`],
  }),
};
