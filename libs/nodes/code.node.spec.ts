import type { CodeOutcome } from '@agent-platform/ports/index';
import { Failure } from '@agent-platform/kernel/index';
import { expect, test } from 'vitest';
import { codeNode } from './code.node.ts';
import { runEffect } from './testing/effect-run.ts';

const ran: CodeOutcome = {
  status: 'completed',
  result_json: { total: 10 },
  error: null,
  stdout: 'total=10\n',
  stderr_excerpt: '',
  tier: 'deno',
  duration_ms: 6,
};
const code = "result = {'total': sum(payload['numbers'])}";

test('the payload is rendered, the code is not', async () => {
  const config = { code: 'print("{{ input.x }}")', input_json: { numbers: '{{ input.numbers }}' }, timeout_seconds: 1.5 };
  const { request, outcome } = await runEffect(codeNode, config, { input: { numbers: [1, 2] } }, { code: () => ran });
  expect(request).toEqual({ language: 'python', code: 'print("{{ input.x }}")', input_json: { numbers: [1, 2] }, timeout_ms: 1500 });
  expect(outcome).toEqual({ status: 'completed', output_json: { result_json: { total: 10 }, tier: 'deno', duration_ms: 6 }, output_text: 'total=10' });
});

test('an exception fails the node, with message and traceback; what it ran in is told beside', async () => {
  const error = { code: 'code-exception', message: "KeyError: 'numbers'", traceback: 'Traceback: line 1' } as const;
  const { outcome } = await runEffect(codeNode, { code }, {}, { code: () => ({ ...ran, status: 'failed', result_json: null, error }) });
  expect(outcome).toMatchObject({
    status: 'failed',
    error: {
      code: 'code-exception',
      message: "KeyError: 'numbers'\nTraceback: line 1",
      retryable: false,
      detail: { stdout_excerpt: 'total=10\n', tier: 'deno', duration_ms: 6 },
    },
  });
});

test('a busy runner may be asked again, and so may one whose answer is unknown', async () => {
  const busy = () => {
    throw new Failure('transient', 'code-runner-busy', 'busy');
  };
  expect((await runEffect(codeNode, { code }, {}, { code: busy })).outcome).toMatchObject({ error: { code: 'code-runner-busy', retryable: true } });
  expect(codeNode.onUnknown({ language: 'python', code, input_json: {}, timeout_ms: 1 })).toBe('repeat');
});

test('a broken template in the payload is found when the workflow is checked', () => {
  expect(codeNode.check?.(codeNode.config.parse({ code, input_json: { a: '{{ input.x' } }))).toHaveLength(1);
  for (const wrong of [{}, { code: '' }, { code, language: 'ruby' }, { code, timeout: 1 }]) expect(codeNode.config.safeParse(wrong).success).toBe(false);
});
