import { toolCallContract } from '@agent-platform/contracts/tool-call/tool-call.contract';
import { defineFeature, type Feature, type Policy } from '@agent-platform/kernel/index';
import { toolCallDecider } from './tool-call.decider.ts';
import { createPrepare, type ToolLookup } from './tool-call.prepare.ts';
import { toolCallProjection } from './tool-call.projection.ts';
import { toolCallQueries } from './tool-call.queries.ts';
import { toolCallView, type ToolCallCommand, type ToolCallEvent, type ToolCallState } from './tool-call.state.ts';

export type { ToolCallState };
export { createToolCallExecutor } from './tool-call.executor.ts';

/** The person who was asked about a call that was given up, or is about to be, need not answer any more. */
const withdrawTask: Policy = {
  triggers: [{ category: 'tool_call', type: 'tool_call.cancelled' }],
  react: ({ data: { task_id = null } }) => (task_id === null ? [] : [{ type: 'human_task.withdraw', data: { task_id, reason: 'tool call cancelled' } }]),
};

/** Calls of tools: those outside of runs, one stream each; and, to read, those of runs too. */
export const createToolCallFeature = ({ tools }: { readonly tools: ToolLookup }): Feature<ToolCallState, ToolCallCommand, ToolCallEvent> =>
  defineFeature({
    contract: toolCallContract,
    decider: toolCallDecider,
    view: toolCallView,
    prepare: { 'tool_call.create': createPrepare(tools) },
    policies: [withdrawTask],
    projections: [toolCallProjection],
    queries: toolCallQueries,
  });
