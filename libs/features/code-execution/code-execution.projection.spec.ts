import { CodeExecutionView } from '@agent-platform/contracts/code-execution/code-execution.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import finished from '../../../contracts/fixtures/code_execution.finished.v1.json' with { type: 'json' };
import { codeExecutionProjection } from './code-execution.projection.ts';

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
