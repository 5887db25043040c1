import { fold, type Lookup } from '@agent-platform/kernel/index';
import { describe, expect, test } from 'vitest';
import { toolDecider } from './tool.decider.ts';
import { lookUpTool, resolveTool } from './tool.resolve.ts';
import type { ToolEvent } from './tool.state.ts';

const version = (version_id: string, number: number): ToolEvent => ({
  type: 'tool.version_created',
  data: { version_id, number, input_schema_json: {}, invoke_config_json: { path: `/${version_id}` } },
});
const binding = (binding_id: string, version_id: string | null): ToolEvent => ({
  type: 'tool.binding_created',
  data: { binding_id, version_id, name: null, config_json: {} },
});
const created: ToolEvent = { type: 'tool.created', data: { code: 'search', name: 'Search', tool_type: 'http', description: null } };
const history = [created, version('v1', 1), version('v2', 2), binding('fixed', 'v1'), binding('newest', null)];
const state = fold(toolDecider, history);
const chosen = (ref: Parameters<typeof resolveTool>[2]) => resolveTool(state, 'tool-1', ref)?.version.id ?? null;

describe('resolveTool', () => {
  test('directly: the newest version', () => {
    expect(resolveTool(state, 'tool-1')).toEqual({
      tool: { id: 'tool-1', code: 'search', name: 'Search' },
      version: { id: 'v2', number: 2, input_schema_json: {}, invoke_config_json: { path: '/v2' } },
      binding: null,
    });
  });
  test('with what it answers, unless that is there to be read only', () => {
    const promising = (more: object): ToolEvent =>
      ({ ...version('v3', 3), data: { ...version('v3', 3).data, output_schema_json: { type: 'string' }, ...more } }) as ToolEvent;
    const promised = (more: object) => resolveTool(fold(toolDecider, [created, promising(more)]), 'tool-1')?.version.output_schema_json;
    expect(promised({})).toEqual({ type: 'string' });
    expect(promised({ check_output: false })).toBeUndefined();
  });
  test('by version', () => expect(chosen({ version_id: 'v1' })).toBe('v1'));
  test('by binding: its version, or the newest', () => {
    expect(chosen({ binding_id: 'fixed', version_id: 'v2' })).toBe('v1');
    expect(chosen({ binding_id: 'newest' })).toBe('v2');
    expect(resolveTool(state, 'tool-1', { binding_id: 'fixed' })?.binding).toEqual({ id: 'fixed', config_json: {} });
  });
  test('nothing where something is unknown, missing or deleted', () => {
    expect(chosen({ version_id: 'v9' })).toBeNull();
    expect(chosen({ binding_id: 'b9' })).toBeNull();
    expect(resolveTool(fold(toolDecider, [created]), 'tool-1')).toBeNull();
    expect(resolveTool(fold(toolDecider, [...history, { type: 'tool.deleted', data: {} }]), 'tool-1')).toBeNull();
  });
});

describe('lookUpTool', () => {
  const lookup: Lookup = {
    state: async ({ workspace_id, category, stream_id }) => (workspace_id === 'acme' && category === 'tool' && stream_id === 'tool-1' ? state : null),
    holder: async (workspace, scope, key) => (workspace === 'acme' && scope === 'tool_binding' && key === 'fixed' ? 'tool-1' : null),
    event: async () => null,
  };
  test('finds a tool and a binding in their workspace', async () => {
    expect((await lookUpTool('acme', { kind: 'tool', id: 'tool-1' }, lookup))?.version.id).toBe('v2');
    expect((await lookUpTool('acme', { kind: 'tool_binding', id: 'fixed' }, lookup))?.version.id).toBe('v1');
  });
  test('finds nothing elsewhere', async () => {
    expect(await lookUpTool('other', { kind: 'tool', id: 'tool-1' }, lookup)).toBeNull();
    expect(await lookUpTool('other', { kind: 'tool_binding', id: 'fixed' }, lookup)).toBeNull();
  });
});
