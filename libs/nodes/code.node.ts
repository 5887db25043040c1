import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { CodeConfig } from '@agent-platform/contracts/nodes/code.config';
import { storableText } from '@agent-platform/kernel/index';
import type { CodeOutcome } from '@agent-platform/ports/index';
import type { EffectNode, NodeEnd } from './node.ts';
import { attempt, failed, nodeError } from './outcome.ts';
import { renderFields, templateProblems } from './render.ts';

type Request = { language: string; code: string; input_json: JsonValue; timeout_ms: number };

/** Bytes of what was printed that a failed node shows. */
const PRINTED_BYTES = 4_000;

function ended({ status, error, result_json, stdout, tier, duration_ms }: CodeOutcome): NodeEnd {
  if (status === 'completed') return { status: 'completed', output_json: { result_json, tier, duration_ms }, output_text: stdout.replace(/\n$/, '') };
  const { code, message, traceback } = error ?? { code: 'code-exited', message: 'The code gave no result.', traceback: null };
  return failed(
    nodeError(code, traceback === null ? message : `${message}\n${traceback}`, {
      detail: { stdout_excerpt: storableText(stdout, PRINTED_BYTES).value, tier, duration_ms },
    }),
  );
}

/** Runs code of users through the code port. It is pure to us, so it is run again when nobody knows how it ended. */
export const codeNode: EffectNode<CodeConfig, Request> = {
  types: ['code'],
  kind: 'effect',
  summary: 'Runs Python or JavaScript in the sandbox.',
  config: CodeConfig,
  check: ({ input_json }) => templateProblems({ input_json }),
  request({ language, code, input_json, timeout_seconds }, scope) {
    const rendered = renderFields({ input_json }, scope);
    if ('failed' in rendered) return rendered;
    return { language, code, input_json: rendered.value['input_json'] ?? null, timeout_ms: Math.ceil(timeout_seconds * 1000) };
  },
  onUnknown: () => 'repeat',
  perform: (request, ports, context) => attempt(context, async () => ended(await ports.code.run(request, { signal: context.signal }))),
};
