import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contracts } from '@agent-platform/contracts/index';
import { type Contract, Problem } from '@agent-platform/contracts/kit/index';
import { listDeadLetters } from '@agent-platform/messaging/dead-letters';
import { BAD_IDS, type BadBody, badBodies, exampleOf } from '@agent-platform/test/support/bad-input';
import { expectUntouched, settledHead } from '@agent-platform/test/support/untouched';
import { startTestPlatform, type TestPlatform } from '@agent-platform/test/support/platform';

let platform: TestPlatform;
let headBefore: number;
beforeAll(async () => {
  platform = await startTestPlatform();
  headBefore = await settledHead(platform);
});
afterAll(() => platform.close());

interface Case {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  /** What the refusal must name. */
  readonly field?: string;
  readonly status?: number;
}

const JSON_TYPE = { 'content-type': 'application/json' };

function casesOf(contract: Contract): Case[] {
  return contract.routes.flatMap(({ method, path, command }) => {
    const of = command === undefined ? undefined : contract.commands[command];
    if (!of) return [];
    const name = `${method} ${path}`;
    const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => parameter);
    const there = path.replaceAll(/\{\w+\}/g, 'nobody');
    const whole = exampleOf(of, parameters);
    const send = ({ what, body, field }: BadBody, status = 400): Case => ({
      name: `${name}: ${what}`,
      method,
      path: there,
      headers: JSON_TYPE,
      body,
      status,
      ...(field !== undefined && { field }),
    });
    const text = JSON.stringify(whole);
    return [
      ...badBodies(of, parameters).map((bad) => send(bad)),
      send({ what: '2 MB', body: JSON.stringify({ x: 'x'.repeat(2_000_000) }) }, 413),
      { ...send({ what: 'XML', body: '<a/>' }, 415), headers: { 'content-type': 'application/xml' } },
      { ...send({ what: 'gzip', body: text, field: 'header content-encoding' }, 415), headers: { ...JSON_TYPE, 'content-encoding': 'gzip' } },
      {
        ...send({ what: 'another workspace in the body', body: JSON.stringify({ ...whole, workspace_id: 'other' }), field: '/workspace_id' }),
        headers: { ...JSON_TYPE, 'x-workspace-id': 'acme' },
      },
      ...['*', '>', 'a.b', 'A', 'a b', '../x', 'x'.repeat(41)].map((workspace) => ({
        ...send({ what: `workspace ${workspace}`, body: text }),
        headers: { ...JSON_TYPE, 'x-workspace-id': workspace },
      })),
      ...parameters.flatMap((parameter) =>
        // A last ".." leads a client away from the route before it asks; beyond this one lies the door of MCP, whose errors are JSON-RPC.
        BAD_IDS.filter((id) => id !== '..' || !path.startsWith('/mcp/')).map((id) => ({
          name: `${name}: ${parameter} ${JSON.stringify(id).slice(0, 30)}`,
          method,
          path: path.replaceAll(/\{(\w+)\}/g, (_all, each: string) => (each === parameter ? encodeURIComponent(id) : 'nobody')),
          headers: JSON_TYPE,
          body: text,
        })),
      ),
    ];
  });
}

const tables = contracts.map((contract) => [contract.category, casesOf(contract)] as const).filter(([, cases]) => cases.length > 0);

describe.each(tables)('%s', (_category, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, { method, path, body, headers, field, status }) => {
    const answer = await fetch(`${platform.url}/api/v1${path}`, { method, ...(body !== undefined && { body }), headers: { ...headers } });
    const problem = Problem.parse(await answer.json());
    expect(answer.status, JSON.stringify(problem)).toBeLessThan(500);
    expect(answer.status, JSON.stringify(problem)).toBeGreaterThanOrEqual(400);
    if (status !== undefined) expect(answer.status, JSON.stringify(problem)).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(problem).toMatchObject({ status: answer.status, code: expect.stringMatching(/^[a-z0-9-]+$/), request_id: answer.headers.get('x-request-id') });
    if (field !== undefined)
      expect(problem.errors?.map((error) => error.field)).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`^${field}(/|$)`))]));
  });
});

test('nothing of all that was appended or given up on, and every role still works', async () => {
  await expectUntouched(platform, headBefore);
  expect(await listDeadLetters(platform.base.nats)).toEqual([]);
  expect((await fetch(`${platform.url}/ready`)).status).toBe(200);
});
