import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeExecutionDecider, codeExecutionView, type CodeExecutionCommand, type CodeExecutionEvent } from './code-execution.decider.ts';

const { given } = specFor(codeExecutionDecider);
const ran = {
  language: 'javascript',
  code: 'result = 1',
  timeout_seconds: 5,
  status: 'completed',
  error_code: null,
  error_message: null,
  tier: 'deno',
  duration_ms: 6.5,
  input_bytes: 2,
  result_bytes: 1,
  stdout_bytes: 0,
} as const;
const finished: CodeExecutionEvent = { type: 'code_execution.finished', data: ran };
const record = { type: 'code_execution.record', data: { code_execution_id: 'it', ...ran } } as const;

test('an execution is recorded once; another one under its id is refused', () => {
  given().when(record).then(finished);
  given(finished).when(record).then();
  given(finished)
    .when({ ...record, data: { ...record.data, code: 'result = 2' } })
    .thenRejected('code-execution-exists');
});

test('the answer shows what was recorded', () => {
  expect(codeExecutionView(codeExecutionDecider.evolve(null, finished), 'it')).toEqual({ id: 'it', ...ran });
});

test('running any command twice never appends twice', () => {
  neverAppendsTwice(codeExecutionDecider, fc.constantFrom<Pick<CodeExecutionCommand, 'type' | 'data'>>(record));
});
