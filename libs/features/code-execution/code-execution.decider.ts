import { isDeepStrictEqual } from 'node:util';
import type { codeExecutionContract } from '@agent-platform/contracts/code-execution/code-execution.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import { reject, type Decider } from '@agent-platform/kernel/index';

export type CodeExecutionCommand = CommandOf<typeof codeExecutionContract>;
export type CodeExecutionEvent = EventOf<typeof codeExecutionContract>;

/** What was recorded; null before. */
export type CodeExecutionState = CodeExecutionEvent['data'] | null;

export const codeExecutionDecider: Decider<CodeExecutionState, CodeExecutionCommand, CodeExecutionEvent> = {
  initial: null,
  decide({ data, meta }, state) {
    const { code_execution_id: _, ...finished } = data;
    if (state === null) return [{ type: 'code_execution.finished', data: finished }];
    if (isDeepStrictEqual(state, finished)) return [];
    return reject(
      'conflict',
      'code-execution-exists',
      `The execution "${meta.stream_id}" is recorded already, and was another: take another code_execution_id.`,
    );
  },
  evolve: (_state, event) => event.data,
};

export const codeExecutionView = (state: CodeExecutionState, id: string): JsonObject | null => state && { id, ...state };
