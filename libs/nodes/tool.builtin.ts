import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { BuiltinTool, ToolConfig } from '@agent-platform/contracts/nodes/tool.config';
import type { Ports } from '@agent-platform/ports/index';
import type { BuiltinAnswer } from './builtin/builtin.ts';
import { BUILTINS } from './builtin/index.ts';
import { explainHttp } from './http-answer.ts';
import type { FillSecrets, NodeContext, NodeEnd, NodeError, NodeOutcome, NodeScope } from './node.ts';
import { attempt, completed, failed, nodeError } from './outcome.ts';
import { renderFields } from './render.ts';
import { withoutSecrets } from './secret-scrub.ts';
import { type Approval, demanded } from './tool.approval.ts';

/** What is asked of a built-in tool. The time is the command's, so that a replay answers the same. */
export type BuiltinRequest = {
  builtin: BuiltinTool;
  input: JsonObject;
  now: string | null;
  timeout_ms?: number;
  approval?: Approval;
  shown?: { input: JsonObject };
};

/** The rendered input of a built-in tool, which its schema accepts. */
export function inputOfBuiltin(builtin: BuiltinTool, written: JsonObject, scope: NodeScope): { readonly input: JsonObject } | { readonly failed: NodeError } {
  const { check, input: schema } = BUILTINS[builtin];
  const wrong = check?.(written);
  if (wrong) return { failed: wrong };
  const given = renderFields(written, scope);
  if ('failed' in given) return given;
  const [issue] = schema.safeParse(given.value).error?.issues ?? [];
  if (!issue) return { input: given.value };
  const field = ['input', ...issue.path].join('.');
  return { failed: nodeError('tool-input-invalid', `The input doesn't fit the tool "${builtin}": ${field}: ${issue.message}. Nothing was called.`) };
}

export function requestBuiltin(builtin: BuiltinTool, config: ToolConfig, scope: NodeScope): BuiltinRequest | { readonly failed: NodeError } {
  const given = inputOfBuiltin(builtin, config.input ?? {}, scope);
  if ('failed' in given) return given;
  const timeout_ms = Math.ceil(config.timeout_seconds * 1000);
  return { builtin, input: given.input, now: scope.now ?? null, timeout_ms, ...demanded(builtin, scope, config) };
}

/** What it answers with nothing outside; null when it needs the outside, or a person's approval. */
export function answerBuiltin(request: BuiltinRequest): NodeEnd | null {
  const { builtin, input, now, approval } = request;
  if (approval?.approved_by === null) return null;
  const { answer, input: schema } = BUILTINS[builtin];
  const answered = answer?.(schema.parse(input), now) ?? null;
  return answered && endOf(request, answered);
}

/** Asks outside. Trying again is safe when nothing was sent, and for calls that change nothing. No outcome has a credential that was asked with. */
export async function performBuiltin(request: BuiltinRequest, ports: Ports, context: NodeContext): Promise<NodeOutcome> {
  const { builtin, input, timeout_ms = 30_000 } = request;
  const { perform, input: schema } = BUILTINS[builtin];
  const used: string[] = [];
  const credentialOf = async (name: string): Promise<string | null> => {
    const value = (await context.credentialOf?.(name)) ?? null;
    if (value !== null) used.push(value);
    return value;
  };
  const work = async () => {
    const answered = await perform?.(schema.parse(input), { ports, context: { ...context, credentialOf }, timeout_ms });
    return answered ? endOf(request, answered) : failed(nodeError('tool-not-callable', `The tool "${builtin}" can't be called so.`));
  };
  const explain = (thrown: unknown) => explainHttp(thrown, { repeatable: isRepeatable(request) });
  return answerBuiltin(request) ?? withoutSecrets(await attempt(context, work, explain), used);
}

export const isRepeatable = ({ builtin, input }: BuiltinRequest): boolean => BUILTINS[builtin].repeatable(BUILTINS[builtin].input.parse(input));

export const fillBuiltin = (request: BuiltinRequest, fill: FillSecrets): BuiltinRequest => ({
  ...request,
  input: BUILTINS[request.builtin].fill?.(request.input, fill) ?? request.input,
});

function endOf({ builtin, input: given, shown }: BuiltinRequest, answer: BuiltinAnswer): NodeEnd {
  const { input } = shown ?? { input: given };
  if ('failed' in answer) return failed(answer.failed);
  return completed({ output_json: { builtin, input, result: answer.value }, output_text: answer.text });
}
