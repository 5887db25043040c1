import { spawn } from 'node:child_process';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

const SMOKE = fileURLToPath(new URL('../../scripts/smoke.ts', import.meta.url));
const KEY = 'sk-smoke-0123456789';
const ANSWER = 'Alice passed with score 7; see Refund Policy';
const OTHERS_SETTINGS = /^AGENT_PLATFORM_/;

let platform: TestPlatform;
let guard: Server;
/** The gateway of the platform, behind a guard that lets bearers of the key pass. */
let guarded: string;

beforeAll(async () => {
  platform = await startTestPlatform();
  guard = createServer((incoming, outgoing) => {
    if (incoming.headers.authorization !== `Bearer ${KEY}`) {
      outgoing.writeHead(401, { 'content-type': 'text/plain' }).end('who are you?');
      return;
    }
    const { method, url, headers } = incoming;
    const onwards = request(`${platform.url}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onwards);
  });
  await new Promise<void>((resolve) => guard.listen(0, '127.0.0.1', resolve));
  guarded = `http://127.0.0.1:${(guard.address() as AddressInfo).port}`;
});
afterAll(async () => {
  guard.close();
  await platform.close();
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Runs the script with these settings and none of those around the test. */
function smoke(settings: Readonly<Record<string, string>>): Promise<Ran> {
  const around = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OTHERS_SETTINGS.test(name)));
  const named = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`AGENT_PLATFORM_SMOKE_${name}`, value]));
  const child = spawn(process.execPath, [SMOKE], { env: { ...around, ...named }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, errors })));
}

const at = (gateway: string) => ({ WORKFLOW_URL: `${gateway}/gateway/workflows`, RUNTIME_URL: `${gateway}/gateway/runtime` });

test('without addresses it starts a platform, and tries it directly and through its gateway', async () => {
  const { code, out, errors } = await smoke({});
  expect(errors).toBe('');
  expect(code).toBe(0);
  expect(out.match(new RegExp(ANSWER, 'g'))).toHaveLength(2);
  expect(out).toMatch(/The smoke test passed \(direct, via gateway\)\.\n$/);
});

test('direct: the services themselves, on NATS, in workspace t1', async () => {
  const { code, out } = await smoke({ WORKFLOW_URL: platform.natsUrl, RUNTIME_URL: platform.natsUrl });
  expect(code).toBe(0);
  expect(out).toContain(`direct: ${platform.natsUrl}, workspace t1`);
  expect(out).toMatch(/passed \(direct\)/);
});

test('via gateway, in the tenant that is named, which keeps the run', async () => {
  const { code, out } = await smoke({ ...at(platform.url), TENANT_ID: 'acme' });
  expect(code).toBe(0);
  expect(out).toMatch(/passed \(via gateway\)/);
  const headers = { 'x-workspace-id': 'acme' };
  const runs = (await (await fetch(`${platform.url}/api/v1/runtime/runs`, { headers })).json()) as { items: object[] };
  expect(runs.items).toMatchObject([{ status: 'completed', output_text: ANSWER }]);
});

test('via authenticated gateway, which refuses whoever has no key', async () => {
  const { code, out, errors } = await smoke({ ...at(guarded), API_KEY: KEY });
  expect(errors).toBe('');
  expect(code).toBe(0);
  expect(out).toContain('ok  without the key the gateway refuses');
  expect(out).toMatch(/passed \(via authenticated gateway\)/);
});

test('a gateway that demands no key is named as such', async () => {
  const { code, out } = await smoke({ ...at(platform.url), API_KEY: KEY });
  expect(code).toBe(0);
  expect(out).toContain('it does not authenticate');
});

test.for([
  ['no key', {}, 'answered 401 (Unauthorized). Set AGENT_PLATFORM_SMOKE_API_KEY'],
  ['another key', { API_KEY: 'sk-other' }, 'AGENT_PLATFORM_SMOKE_API_KEY is not a key of this gateway'],
] as const)('with %s an authenticated gateway fails it', async ([, key, words]) => {
  const { code, errors } = await smoke({ ...at(guarded), ...key });
  expect(code).toBe(1);
  expect(errors).toContain(words);
  expect(errors).not.toContain('sk-');
});

test('each service may be reached in its own way', async () => {
  const { code, out } = await smoke({ WORKFLOW_URL: `${platform.url}/gateway/workflows/`, RUNTIME_URL: platform.natsUrl });
  expect(code).toBe(0);
  expect(out).toMatch(/passed \(via gateway and direct\)/);
});

test.for([
  ['one address without the other', { WORKFLOW_URL: 'http://127.0.0.1:1/gateway/workflows' }, 2, 'AGENT_PLATFORM_SMOKE_RUNTIME_URL: is missing'],
  ['no address at all', { WORKFLOW_URL: 'workflows', RUNTIME_URL: 'runtime' }, 2, 'AGENT_PLATFORM_SMOKE_RUNTIME_URL: must be an http'],
  ['nobody at the address', at('http://127.0.0.1:1'), 1, 'http://127.0.0.1:1/gateway/workflows is not answered'],
  ['no NATS at the address', { WORKFLOW_URL: 'nats://127.0.0.1:1', RUNTIME_URL: 'nats://127.0.0.1:1' }, 1, 'No NATS server answered at 127.0.0.1:1'],
] as const)('%s is told', async ([, settings, code, words]) => {
  const ran = await smoke(settings);
  expect(ran.errors).toContain(words);
  expect(ran.code).toBe(code);
});

test('a run that ends otherwise than it should fails it', async () => {
  const other = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const onwards = request(`${platform.url}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' });
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => outgoing.end(method === 'GET' ? text.replaceAll('passed with score 7', 'passed with score 8') : text));
    });
    incoming.pipe(onwards);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { code, errors } = await smoke(at(`http://127.0.0.1:${(other.address() as AddressInfo).port}`));
  other.close();
  expect(code).toBe(1);
  expect(errors).toContain(`The output_text of the run is "Alice passed with score 8; see Refund Policy", expected was "${ANSWER}".`);
});
