import { CodeExecutionView } from '@agent-platform/contracts/code-execution/code-execution.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { codeExecutionProjection } from './code-execution.projection.ts';

const finished = {
  language: 'python',
  code: "result = payload['a']",
  timeout_seconds: 5,
  status: 'failed',
  error_code: 'code-exception',
  error_message: "KeyError: 'a'",
  tier: 'bwrap+cpython',
  duration_ms: 12.5,
  input_bytes: 2,
  result_bytes: 4,
  stdout_bytes: 0,
};

test('rows have the fields of the view', () => {
  const { code_executions } = tablesOf(codeExecutionProjection, [{ type: 'code_execution.finished', data: finished }], { stream_id: 'code-execution-1' });
  expect(code_executions).toHaveLength(1);
  expect(CodeExecutionView.parse(code_executions?.[0])).toMatchObject({
    id: 'code-execution-1',
    tier: 'bwrap+cpython',
    error_code: 'code-exception',
    version: 1,
  });
});
