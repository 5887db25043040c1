import type { CommandMeta } from '@agent-platform/contracts/kit/index';
import { fold } from '@agent-platform/kernel/index';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toolFeature } from './index.ts';
import { toolDecider } from './tool.decider.ts';
import type { ToolCommand, ToolEvent } from './tool.state.ts';
import { toolAnswer, toolView } from './tool.view.ts';

const { given } = specFor(toolDecider);
const config = { method: 'GET', path: '/products/search' };
const created: ToolEvent = { type: 'tool.created', data: { code: 'search', name: 'Search', tool_type: 'http', description: null } };
const deleted: ToolEvent = { type: 'tool.deleted', data: {} };
const version = (version_id: string, number: number): ToolEvent => ({
  type: 'tool.version_created',
  data: { version_id, number, input_schema_json: {}, invoke_config_json: config },
});
const binding = (binding_id: string, version_id: string | null): ToolEvent => ({
  type: 'tool.binding_created',
  data: { binding_id, version_id, name: null, config_json: { base_url: 'https://shop.example' } },
});
const create = { type: 'tool.create', data: { code: 'search', name: 'Search', tool_type: 'http' } } as const;
const update = (data: object) => ({ type: 'tool.update', data: { tool_id: 'it', ...data } }) as const;
const remove = { type: 'tool.delete', data: { tool_id: 'it' } } as const;
const makeVersion = (data: object) =>
  ({ type: 'tool.create_version', data: { tool_id: 'it', input_schema_json: {}, invoke_config_json: config, ...data } }) as const;
const makeBinding = (data: object) =>
  ({ type: 'tool.create_binding', data: { tool_id: 'it', config_json: { base_url: 'https://shop.example' }, ...data } }) as const;

describe('tool.create', () => {
  test('makes a tool', () => given().when(create).then(created));
  test('refuses an id that is taken, also by a deleted tool', () => {
    given(created).when(create).thenRejected('tool-exists');
    given(created, deleted).when(create).thenRejected('tool-exists');
  });
});

describe('tool.update', () => {
  test('names only what changed', () =>
    given(created)
      .when(update({ name: 'New', code: 'search' }))
      .then({ type: 'tool.updated', data: { name: 'New' } }));
  test('is already so', () =>
    given(created)
      .when(update({ description: null }))
      .then());
  test('refuses an unknown tool', () => given().when(update({})).thenRejected('tool-not-found'));
});

describe('tool.delete', () => {
  test('deletes once', () => given(created).when(remove).then(deleted));
  test('is already so', () => given(created, deleted).when(remove).then());
  test('refuses an unknown tool', () => given().when(remove).thenRejected('tool-not-found'));
});

describe('tool.create_version', () => {
  test('numbers grow by one', () => {
    given(created)
      .when(makeVersion({ tool_version_id: 'v1' }))
      .then(version('v1', 1));
    given(created, version('v1', 1))
      .when(makeVersion({ tool_version_id: 'v2' }))
      .then(version('v2', 2));
  });
  test('a version never changes', () => {
    given(created, version('v1', 1))
      .when(makeVersion({ tool_version_id: 'v1' }))
      .then();
    given(created, version('v1', 1))
      .when(makeVersion({ tool_version_id: 'v1', invoke_config_json: {} }))
      .thenRejected('tool-version-exists');
  });
  test('refuses a deleted tool', () => given(created, deleted).when(makeVersion({})).thenRejected('tool-not-found'));
});

describe('tool.create_binding', () => {
  test('without a version it follows the newest', () =>
    given(created)
      .when(makeBinding({ tool_binding_id: 'b1' }))
      .then(binding('b1', null)));
  test('with a version it stays there', () => {
    given(created, version('v1', 1))
      .when(makeBinding({ tool_binding_id: 'b1', tool_version_id: 'v1' }))
      .then(binding('b1', 'v1'));
  });
  test('refuses an unknown version', () =>
    given(created)
      .when(makeBinding({ tool_version_id: 'v9' }))
      .thenRejected('tool-version-not-found'));
  test('a binding never changes', () => {
    given(created, binding('b1', null))
      .when(makeBinding({ tool_binding_id: 'b1' }))
      .then();
    given(created, binding('b1', null))
      .when(makeBinding({ tool_binding_id: 'b1', name: 'other' }))
      .thenRejected('tool-binding-exists');
  });
});

test('commands answer the part they made', () => {
  const state = fold(toolDecider, [created, version('v1', 1), binding('b1', 'v1')]);
  const meta = { stream_id: 'it' } as CommandMeta;
  expect(toolAnswer({ ...makeVersion({ tool_version_id: 'v1' }), meta }, state)).toMatchObject({
    id: 'v1',
    entity: { tool_id: 'it', number: 1, invoke_config_json: config },
  });
  expect(toolAnswer({ ...makeBinding({ tool_binding_id: 'b1' }), meta }, state)).toMatchObject({ id: 'b1', entity: { tool_id: 'it', tool_version_id: 'v1' } });
  expect(toolAnswer({ ...remove, meta }, state)).toBeNull();
  expect(toolView(state, 'it')).toMatchObject({ id: 'it', code: 'search', tool_type: 'http', latest_version_id: 'v1', latest_number: 1 });
  expect(toolView(fold(toolDecider, [created, deleted]), 'it')).toBeNull();
});

test('a code is held while the tool lives; ids of parts for ever', () => {
  const before = fold(toolDecider, [created]);
  expect(toolFeature.reservations?.(created, toolDecider.initial)).toEqual([{ scope: 'tool_code', key: 'search' }]);
  expect(toolFeature.reservations?.({ type: 'tool.updated', data: { code: 'b' } }, before)).toEqual([
    { scope: 'tool_code', key: 'search', release: true },
    { scope: 'tool_code', key: 'b' },
  ]);
  expect(toolFeature.reservations?.({ type: 'tool.updated', data: { name: 'b' } }, before)).toEqual([]);
  expect(toolFeature.reservations?.(deleted, before)).toEqual([{ scope: 'tool_code', key: 'search', release: true }]);
  expect(toolFeature.reservations?.(version('v1', 1), before)).toEqual([{ scope: 'tool_version', key: 'v1' }]);
  expect(toolFeature.reservations?.(binding('b1', null), before)).toEqual([{ scope: 'tool_binding', key: 'b1' }]);
});

test('running any command twice never appends twice', () => {
  const word = fc.constantFrom('a', 'b');
  neverAppendsTwice(
    toolDecider,
    fc.oneof<fc.Arbitrary<Pick<ToolCommand, 'type' | 'data'>>[]>(
      fc.constant(create),
      word.map((name) => update({ name })),
      fc.constant(remove),
      fc.record({ tool_version_id: word, input_schema_json: fc.constantFrom({}, { a: 1 }) }, { requiredKeys: [] }).map(makeVersion),
      fc.record({ tool_binding_id: word, tool_version_id: word, name: word }, { requiredKeys: [] }).map(makeBinding),
    ),
  );
});

test('versions of a tool of an MCP server say how it is spoken to; those of others must not', () => {
  const mcp: ToolEvent = { type: 'tool.created', data: { code: 'docs', name: 'Docs', tool_type: 'mcp', description: null } };
  const version = (invoke_config_json: object) =>
    ({ type: 'tool.create_version', data: { tool_id: 'it', tool_version_id: 'v1', input_schema_json: {}, invoke_config_json } }) as const;
  const made = { type: 'tool.version_created', data: { version_id: 'v1', number: 1, input_schema_json: {} } } as const;
  const url = 'https://docs.example/mcp';
  given(mcp)
    .when(version({ url }))
    .then({ ...made, data: { ...made.data, invoke_config_json: { transport: 'streamable_http', url } } });
  given(created)
    .when(version({ url, tool: 'search' }))
    .thenRejected('tool-config-type');
});
