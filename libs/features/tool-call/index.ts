import { toolCallContract } from '@agent-platform/contracts/tool-call/tool-call.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import { toolCallDecider } from './tool-call.decider.ts';
import { prepareToolCall } from './tool-call.prepare.ts';
import { toolCallProjection } from './tool-call.projection.ts';
import { toolCallQueries } from './tool-call.queries.ts';
import { toolCallView, type ToolCallCommand, type ToolCallEvent, type ToolCallState } from './tool-call.state.ts';

export { createToolCallExecutor } from './tool-call.executor.ts';

/** Calls of tools: those outside of runs, one stream each; and, to read, those of runs too. */
export const toolCallFeature: Feature<ToolCallState, ToolCallCommand, ToolCallEvent> = defineFeature({
  contract: toolCallContract,
  decider: toolCallDecider,
  view: toolCallView,
  prepare: { 'tool_call.create': prepareToolCall },
  projections: [toolCallProjection],
  queries: toolCallQueries,
});
