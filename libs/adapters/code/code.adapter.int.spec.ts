import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createCodePort } from './code.adapter.ts';

const OUTCOME = { status: 'completed', result_json: 1, error: null, stdout: '', stderr_excerpt: '', tier: 'deno', duration_ms: 1 };
const request = { language: 'javascript', code: 'result = 1', input_json: {}, timeout_ms: 1_000 };

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const refuse = (response: ServerResponse, status: number, code: string): void =>
  void response.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '0' }).end(JSON.stringify({ code, detail: 'No.' }));

const dies: RequestListener = (_, response) => void response.destroy();
const isFull: RequestListener = (_, response) => refuse(response, 429, 'code-runner-busy');
const answers: RequestListener = (_, response) => void response.end(JSON.stringify(OUTCOME));

test('a run that is lost with its runner, or finds it full, is run again', async () => {
  const script = [dies, isFull, answers];
  const url = await serve((...args) => script.shift()?.(...args));
  expect(await createCodePort(url).run(request, { signal: new AbortController().signal })).toEqual(OUTCOME);
});

test('what will be the same a moment later is told at once, as is everything without patience', async () => {
  let asked = 0;
  const url = await serve((_, response) => {
    asked++;
    refuse(response, asked === 1 ? 503 : 429, asked === 1 ? 'code-language-unavailable' : 'code-runner-busy');
  });
  const { signal } = new AbortController();
  await expect(createCodePort(url).run(request, { signal })).rejects.toMatchObject({ code: 'code-language-unavailable', status: 503 });
  await expect(createCodePort(url, { patienceMs: 0 }).run(request, { signal })).rejects.toMatchObject({ code: 'code-runner-busy', status: 429 });
  expect(asked).toBe(2);
});

test('who gives up while it waits is not asked again', async () => {
  const caller = new AbortController();
  let asked = 0;
  const url = await serve((...args) => {
    asked++;
    isFull(...args);
    setImmediate(() => caller.abort());
  });
  await expect(createCodePort(url).run(request, { signal: caller.signal })).rejects.toThrow(/abort|does not answer/);
  expect(asked).toBe(1);
});
