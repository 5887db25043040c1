import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';
import { createUser, type User } from '../support/user.ts';

/** A shop that notes what it is asked, and answers as the test says: by path, call by call. */
interface Shop {
  readonly server: Server;
  readonly address: string;
  readonly calls: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  readonly answers: Map<string, ((response: ServerResponse) => void)[]>;
}

async function openShop(): Promise<Shop> {
  const calls: Shop['calls'] = [];
  const answers: Shop['answers'] = new Map();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const path = request.url ?? '';
      calls.push({ path, headers: request.headers, body });
      const answer = answers.get(path)?.shift() ?? ((one) => one.writeHead(200, { 'content-type': 'application/json' }).end('{"done":true}'));
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, calls, answers, address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}` };
}

let shop: Shop;
let platform: TestPlatform;
let user: User;

beforeAll(async () => {
  shop = await openShop();
  platform = await startTestPlatform({ egressAllow: [shop.address] });
  user = await createUser(platform);
});
afterAll(async () => {
  await user.close();
  await platform.close();
  shop.server.closeAllConnections();
  shop.server.close();
});

const busy = (response: ServerResponse) => void response.writeHead(503).end('later');
const cut = (response: ServerResponse) => void response.destroy();
const lost = (response: ServerResponse) => void response.writeHead(504).end('lost');

/** A run of one POST to a path of its own, with a retry policy; the calls it made, once it has ended. */
async function order(answers: ((response: ServerResponse) => void)[], invoke: object, end: 'run.completed' | 'run.failed') {
  const path = `/orders/${randomUUID().slice(0, 8)}`;
  shop.answers.set(path, answers);
  const code = `order-${randomUUID().slice(0, 8)}`;
  const tool_id = await user.accepted('tool.create', { code, name: code, tool_type: 'http' });
  await user.accepted('tool.create_version', {
    tool_id,
    invoke_config_json: { method: 'POST', url: `http://${shop.address}${path}`, body: { n: 1 }, ...invoke },
  });
  const workflow_id = await user.publish([{ id: 'call', type: 'tool', config: { tool_id }, retry: { max_attempts: 3, delay_ms: 10 } }]);
  const runId = await user.accepted('run.create', { workflow_id });
  await user.event(runId, end);
  return { runId, calls: shop.calls.filter((call) => call.path === path) };
}

const keysOf = (calls: Shop['calls']) => [...new Set(calls.map(({ headers }) => headers['idempotency-key']))];

test('all attempts at a POST carry one key, so that the other side can know them as the same', async () => {
  const { runId, calls } = await order([busy, busy], {}, 'run.completed');
  expect(calls).toHaveLength(3);
  expect(keysOf(calls)).toEqual([`${user.workspace}/${runId}/call`]);
});

test('a POST that may be repeated is, after its answer was lost, under the same key', async () => {
  const { runId, calls } = await order([cut, lost], { idempotent: true }, 'run.completed');
  expect(calls).toHaveLength(3);
  expect(keysOf(calls)).toEqual([`${user.workspace}/${runId}/call`]);
});

test.each([
  ['its connection broke', cut],
  ['a gateway lost it', lost],
])('a POST that must not be repeated is not, when %s: the run fails visibly', async (_, answer) => {
  const { calls } = await order([answer], {}, 'run.failed');
  expect(calls).toHaveLength(1);
});
