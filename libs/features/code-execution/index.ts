import { codeExecutionContract } from '@agent-platform/contracts/code-execution/code-execution.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import {
  codeExecutionDecider,
  codeExecutionView,
  type CodeExecutionCommand,
  type CodeExecutionEvent,
  type CodeExecutionState,
} from './code-execution.decider.ts';
import { codeExecutionProjection } from './code-execution.projection.ts';
import { codeExecutionQueries } from './code-execution.queries.ts';

/** Code that was run in the sandbox through `POST /code/execute`. What nodes run is in the events of their run. */
export const codeExecutionFeature: Feature<CodeExecutionState, CodeExecutionCommand, CodeExecutionEvent> = defineFeature({
  contract: codeExecutionContract,
  decider: codeExecutionDecider,
  view: codeExecutionView,
  projections: [codeExecutionProjection],
  queries: codeExecutionQueries,
});
