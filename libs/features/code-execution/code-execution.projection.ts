import { readFileSync } from 'node:fs';
import { codeExecutionContract } from '@agent-platform/contracts/code-execution/code-execution.contract';
import type { LoggedEvent, Projection } from '@agent-platform/kernel/index';
import type { CodeExecutionEvent } from './code-execution.decider.ts';

/** Table `code_executions`. */
export const codeExecutionProjection: Projection = {
  name: 'code_execution',
  version: 1,
  sql: readFileSync(new URL('./code-execution.sql', import.meta.url), 'utf8'),
  events: Object.keys(codeExecutionContract.events),
  project({ workspace_id, stream_id: id, version, time, data }: CodeExecutionEvent & LoggedEvent) {
    return [{ table: 'code_executions', key: { workspace_id, id }, set: { ...data, version, created_at: time, updated_at: time } }];
  },
};
