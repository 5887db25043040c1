import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { CodeOutcome } from '@agent-platform/ports/code.port';
import { createCanaryFolder } from './canary.folder.ts';
import { CANARIES, CANARY_VARIABLE, type Plants } from './canaries.ts';
import { outcomeOf } from './guest.outcome.ts';
import { startGuest } from './guest.process.ts';
import type { Tier } from './tier.ts';

/** Patience with one canary: the first start on a cold disk takes long. */
const PROBE_MS = 15_000;

/**
 * Lets guests of a tier try to get out: read a planted file by call and by import, read the environment, write, start
 * a process, open a connection to a listener of ours. Null when the tier works and every try failed, else what is wrong.
 */
export async function probe(tier: Tier, signal: AbortSignal): Promise<string | null> {
  const folder = createCanaryFolder();
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
    const problem = await tryOut(tier, { file, secret, port }, signal);
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

async function tryOut(tier: Tier, plants: Plants, signal: AbortSignal): Promise<string | null> {
  const canaries = CANARIES[tier.runtime.kind](plants);
  const called = await execute(tier, canaries.calls, signal);
  if (called.status === 'failed') return `it does not run code: ${called.error?.message.slice(0, 300)}`;
  if (!Array.isArray(called.result_json)) return 'it gave no result';
  if (called.result_json.length > 0) return `a guest got out by ${JSON.stringify(called.result_json)}`;
  for (const code of canaries.imports) {
    const outcome = await execute(tier, code, signal);
    if (JSON.stringify(outcome).includes(plants.secret)) return 'a guest read a file by an import';
  }
  return null;
}

async function execute(tier: Tier, code: string, signal: AbortSignal): Promise<CodeOutcome> {
  const end = await startGuest(tier).run({ code, input_json: null }, PROBE_MS, signal);
  return outcomeOf(end, tier, PROBE_MS);
}
