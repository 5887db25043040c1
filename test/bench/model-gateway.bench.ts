import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { budgetFeature } from '@agent-platform/budget/index';
import { startInfrastructure } from '@agent-platform/embedded/index';
import { openBase } from '@agent-platform/service/base';
import { readConfig } from '@agent-platform/service/config';
import { type RoleProcess, startProcess } from '../chaos/role.process.ts';
import type { Show } from './emit.ts';

const CALLS = 300;
const WARM_UP = 100;
const STREAMS = 5;
const ROLE_KEY = 'bench-bench-bench-bench-bench-bench';

/** Where a question goes: to the provider, through a gateway, and through it with a budget to be kept. */
interface Way {
  readonly name: string;
  readonly client: OpenAI;
  readonly calls: number[];
  readonly tokens: number[];
}

/**
 * What the model gateway adds to a call and to a streamed token, against the same provider asked directly. Gateway, provider and
 * client are processes of their own; every call is metered and recorded over NATS. The ways take turns, call by call.
 */
export async function benchModelGateway(show: Show): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-platform-bench-'));
  const running: RoleProcess[] = [];
  const start = async (script: string, env: NodeJS.ProcessEnv, said: RegExp): Promise<string> => {
    const log = path.join(folder, `${path.basename(script)}.log`);
    running.push(startProcess(script, env, log));
    for (;;) {
      const url = said.exec(await readFile(log, 'utf8').catch(() => ''))?.[1];
      if (url !== undefined) return url;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const servers = await startInfrastructure({ dataDir: folder, cacheDir: new URL('../../.cache', import.meta.url).pathname, postgres: 'native' });
  try {
    const provider = await start('test/bench/provider.process.ts', {}, /"url":"([^"]+)"/);
    const env = {
      AGENT_PLATFORM_DATABASE_URL: servers.databaseUrl,
      AGENT_PLATFORM_NATS_URL: servers.natsUrl,
      AGENT_PLATFORM_ROLE_KEY: ROLE_KEY,
      AGENT_PLATFORM_LOG_LEVEL: 'info',
    };
    const base = await openBase(readConfig(env), 'bench', [budgetFeature]);
    await base.commands({
      type: 'budget.set',
      workspace_id: 'budgeted',
      data: { budget_id: 'daily', scope: 'workspace', limit_tokens: 1_000_000_000 },
      cause: { actor: 'bench', correlation_id: 'bench' },
    });
    await base.close();
    const gateway = await start(
      'apps/model-gateway/main.ts',
      { ...env, AGENT_PLATFORM_MODEL_GATEWAY_PORT: '0', AGENT_PLATFORM_PROVIDER_BASE_URL: provider },
      /"url":"([^"]+)"/,
    );
    const way = (name: string, baseURL: string, workspace: string): Way => ({
      name,
      client: new OpenAI({ baseURL, apiKey: 'x', defaultHeaders: { 'x-workspace-id': workspace } }),
      calls: [],
      tokens: [],
    });
    const ways = [way('direct', provider, 'free'), way('gateway', `${gateway}/models`, 'free'), way('with a budget', `${gateway}/models`, 'budgeted')];
    for (let call = 0; call < WARM_UP; call++) for (const { client } of ways) await ask(client);
    for (let call = 0; call < CALLS; call++) for (const { client, calls } of ways) calls.push(await ask(client));
    for (let stream = 0; stream < STREAMS; stream++) for (const { client, tokens } of ways) tokens.push(...(await listen(client)));
    report(ways, show);
  } finally {
    for (const one of running) one.signal('SIGKILL');
    await Promise.all(running.map(({ exited }) => exited));
    await servers.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const request = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'hello' }] };

/** Milliseconds of a call. */
async function ask(client: OpenAI): Promise<number> {
  const started = performance.now();
  await client.chat.completions.create(request);
  return performance.now() - started;
}

/** Milliseconds from writing to reading, of each token of a stream. */
async function listen(client: OpenAI): Promise<number[]> {
  const delays: number[] = [];
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
    const written = chunk.choices[0]?.delta.content;
    if (written) delays.push(Number(process.hrtime.bigint() - BigInt(written)) / 1e6);
  }
  return delays;
}

const quantile = (values: readonly number[], at: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * at)] ?? 0;

function report([direct, ...others]: readonly Way[], show: Show): void {
  if (!direct) return;
  for (const kind of ['calls', 'tokens'] as const) {
    const least = quantile(direct[kind], 0.5);
    for (const way of [direct, ...others]) {
      const what = `${kind === 'calls' ? 'call' : 'token'}, ${way.name}`;
      // What the others of the machine disturb least.
      show(`${what}, p10`, quantile(way[kind], 0.1), 'ms');
      show(`${what}, p50`, quantile(way[kind], 0.5), 'ms');
      show(`${what}, p99`, quantile(way[kind], 0.99), 'ms');
      if (way !== direct) show(`${what}, added`, quantile(way[kind], 0.5) - least, `ms (${(quantile(way[kind], 0.5) / least).toFixed(2)} times)`);
    }
  }
}
