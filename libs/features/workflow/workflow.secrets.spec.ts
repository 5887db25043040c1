import { randomBytes } from 'node:crypto';
import type { Lookup } from '@agent-platform/kernel/index';
import { createSecrets } from '@agent-platform/kernel/secrets';
import { expect, test } from 'vitest';
import { sealDocument } from './workflow.secrets.ts';
import type { WorkflowCommand } from './workflow.state.ts';

const secrets = createSecrets([randomBytes(32)]);
const lookup: Lookup = { state: async () => null, holder: async () => null, event: async () => null, secrets };
const meta = { command_id: 'c1', workspace_id: 'acme', stream_id: 'w1', now: '2026-01-01T00:00:00.000Z', actor: 'me', correlation_id: 'k1' };
const command = (data: object, type = 'workflow.create'): WorkflowCommand => ({ type, data, meta }) as WorkflowCommand;

const node = (authorization: string) => ({ id: 'call', type: 'tool', config: { url: 'https://a.test', headers: { authorization } } });
const other = { id: 'say', type: 'answer', config: { template: 'hi' } };
const SEALED = expect.stringMatching(/^sealed\.v2\./) as string;

test.each([
  ['nodes', { name: 'a', nodes: [node('Bearer s3cret'), other] }, 'nodes'],
  ['dsl_json', { name: 'a', dsl_json: { nodes: [node('Bearer s3cret'), other], edges: [] } }, 'dsl_json'],
  ['dsl_yaml', { name: 'a', dsl_yaml: JSON.stringify({ nodes: [node('Bearer s3cret'), other], edges: [] }) }, 'dsl_json'],
  ['YAML', { name: 'a', dsl_yaml: 'edges: []\nnodes:\n  - {id: call, type: tool, config: {url: u, headers: {authorization: Bearer s3cret}}}' }, 'dsl_json'],
])('secrets in %s are sealed', async (_, data, spelling) => {
  for (const type of ['workflow.create', 'workflow.update', 'workflow.create_version']) {
    const prepared = (await sealDocument(command(data, type), lookup)) as WorkflowCommand;
    expect(JSON.stringify(prepared)).not.toContain('s3cret');
    const kept = prepared.data as { nodes?: unknown[]; dsl_json?: { nodes: unknown[] }; dsl_yaml?: string };
    expect((spelling === 'nodes' ? kept.nodes : kept.dsl_json?.nodes)?.[0]).toMatchObject({ id: 'call', config: { headers: { authorization: SEALED } } });
    expect(kept).toMatchObject({ name: 'a' });
    expect(kept.dsl_yaml).toBeUndefined();
  }
});

test.each([
  ['no secrets', { dsl_yaml: JSON.stringify({ nodes: [other], edges: [] }) }],
  ['a template', { nodes: [node('Bearer {{ state.token }}')] }],
  ['what can not be read', { dsl_yaml: '{{' }],
  ['nodes that are none', { dsl_json: { nodes: { a: 1 } } }],
  ['no document', { name: 'b' }],
])('%s: the command stays as it is', async (_, data) => {
  const asked = command(data);
  expect(await sealDocument(asked, lookup)).toBe(asked);
});

test('what can not be kept is refused by node and field', async () => {
  const bad = { ...node('sealed.v1.of-somebody-else'), config: { url: 'https://me:pw@a.test', headers: { authorization: 'sealed.v1.of-somebody-else' } } };
  expect(await sealDocument(command({ nodes: [other, bad] }), lookup)).toMatchObject({
    rejected: 'invalid',
    code: 'workflow-secret',
    errors: [{ field: '/nodes/1/config/url' }, { field: '/nodes/1/config/headers/authorization' }],
  });
});
