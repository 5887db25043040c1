import { Failure } from '@agent-platform/kernel/index';
import { expect, test } from 'vitest';
import { skillNode } from './skill.node.ts';
import { scopeOf } from './testing/scope-of.ts';
import { runEffect } from './testing/effect-run.ts';

const config = { skill_code: 'hello', input: { name: '{{ input.name }}' }, install_scope: 'user', scope_id: '{{ input.user }}' };
const input = { name: 'Lucas', user: 'u1' };

test('asks for a run of the skill and waits for its end', async () => {
  const { request, commands, outcome } = await runEffect(skillNode, config, { input });
  expect(commands).toMatchObject([{ type: 'skill_run.create', workspaceId: 'acme', data: request }]);
  expect(request).toMatchObject({
    skill_code: 'hello',
    input_json: { name: 'Lucas' },
    install_scope: 'user',
    scope_id: 'u1',
    parent: { run_id: 'run-1', node_id: 'here', attempt: 1 },
  });
  expect(outcome).toMatchObject({ status: 'waiting', wait: { for: 'signal', detail: { signal: `skill_run ${request?.skill_run_id}` } } });
});

test('one attempt asks for one run, the next for another', async () => {
  const idOf = async (attempt: number) => (await runEffect(skillNode, config, { input, current: { node_id: 'here', attempt } })).request?.skill_run_id;
  expect(await idOf(1)).toBe(await idOf(1));
  expect(await idOf(1)).not.toBe(await idOf(2));
});

test('a refusal is the failure of the node', async () => {
  const parsed = skillNode.config.parse(config);
  const request = skillNode.request(parsed, scopeOf({ input })) as Parameters<typeof skillNode.perform>[0];
  const context = {
    stream: { workspace_id: 'acme' },
    signal: new AbortController().signal,
    command: () => Promise.reject(new Failure('missing', 'skill-not-found', 'none')),
  };
  const outcome = await skillNode.perform(request, {} as never, context as never);
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'skill-not-found', retryable: false } });
});

test.each([
  [{ payload: { status: 'completed', output_json: 1, output_text: 'x' } }, { status: 'completed', output_json: 1, output_text: 'x' }],
  [{ payload: { status: 'failed', error: { code: 'c', message: 'm' } } }, { status: 'failed', error: { code: 'c', message: 'm' } }],
  [{ payload: { status: 'cancelled', reason: 'enough' } }, { status: 'failed', error: { code: 'skill-cancelled' } }],
  [{ payload: 'x' }, { status: 'failed', error: { code: 'resume-invalid' } }],
])('%j ends the node', (signal, end) => expect(skillNode.resume?.({ skill_run_id: 'r' }, signal)).toMatchObject(end));

test('names one skill, and says what its templates lack', () => {
  expect(skillNode.config.safeParse({}).success).toBe(false);
  expect(skillNode.config.safeParse({ skill_id: 'a', skill_code: 'b' }).success).toBe(false);
  expect(skillNode.check?.(skillNode.config.parse({ skill_id: 'a', input: { x: '{{ a' } }))).toMatchObject([{ path: 'input.x' }]);
});
