/**
 * What the gateway adds to a call and to a streamed token, against the same fake provider asked directly, with every call
 * metered: `node apps/model-gateway/overhead.bench.ts`. One process, one call after the other.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { pino } from 'pino';
import { startModelGateway } from './index.ts';

const CALLS = 300;
const TOKENS = 200;
const TOKEN_EVERY_MS = 2;
const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };

/** A streamed token is the time it was written at. */
const provider = createServer((request, response) => {
  let text = '';
  request.on('data', (part: Buffer) => (text += part.toString()));
  request.on('end', () => {
    if (!text.includes('"stream":true')) {
      const choices = [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: '1', model: 'm', choices, usage }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const next = (): void => {
      if (sent++ >= TOKENS) return void response.end('data: [DONE]\n\n');
      response.write(`data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"${process.hrtime.bigint()}"}}]}\n\n`);
      setTimeout(next, TOKEN_EVERY_MS);
    };
    next();
  });
}).listen(0);
await new Promise((listening) => provider.once('listening', listening));
const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
const recorder = { record: (_workspace: string, call: Promise<unknown>) => void call, close: () => Promise.resolve() };
const gateway = await startModelGateway({ port: 0, provider: { baseUrl } }, { logger: pino({ level: 'silent' }), usage: recorder });

const request = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'hello' }] };
const quantile = (values: readonly number[], at: number): string => (values.toSorted((a, b) => a - b)[Math.floor(values.length * at)] ?? 0).toFixed(2);

async function measure(name: string, baseURL: string): Promise<void> {
  const client = new OpenAI({ baseURL, apiKey: 'x' });
  const [calls, tokens]: [number[], number[]] = [[], []];
  for (let call = 0; call < CALLS; call++) {
    const started = performance.now();
    await client.chat.completions.create(request);
    calls.push(performance.now() - started);
  }
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
    const written = chunk.choices[0]?.delta.content;
    if (written) tokens.push(Number(process.hrtime.bigint() - BigInt(written)) / 1e6);
  }
  const row = [calls, tokens].flatMap((values) => [quantile(values, 0.5), quantile(values, 0.99)]);
  process.stdout.write(`${name.padEnd(8)} call p50 ${row[0]} p99 ${row[1]} ms, token p50 ${row[2]} p99 ${row[3]} ms\n`);
}

for (const round of ['warm-up', 'measured']) {
  process.stdout.write(`${round}\n`);
  await measure('direct', baseUrl);
  await measure('gateway', gateway.baseUrl);
}
await gateway.close();
provider.close();
provider.closeAllConnections();
