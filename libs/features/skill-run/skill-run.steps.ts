import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { Implementation } from '@agent-platform/contracts/skill/implementation';
import type { RetryPolicy } from '@agent-platform/contracts/workflow/definition';
import { renderValue } from '@agent-platform/graph/index';
import { compileInputSchema } from '@agent-platform/nodes/input-schema';
import { toolKey } from '@agent-platform/nodes/node';
import { fillDollars } from './skill-run.template.ts';
import type { SkillProgram } from './skill-run.program.ts';
import type { SkillRunState, StepStarted } from './skill-run.state.ts';

export interface Place {
  readonly workspace_id: string;
  readonly stream_id: string;
  readonly attempt: number;
}

interface Fault {
  readonly code: string;
  readonly message: string;
  /** Of the step that can't be begun. */
  readonly step_id?: string;
}
interface Output {
  readonly output_json: JsonValue;
  readonly output_text: string | null;
}

/** What comes next: a step to be asked for, the end, or why it can't go on. */
export type Next = { readonly step: Pick<StepStarted, 'step_id' | 'kind' | 'request'> } | { readonly output: Output } | { readonly failed: Fault };

/** What is done when a step fails for a reason that may pass. */
export function retryOf(implementation: Implementation, index: number): RetryPolicy | undefined {
  if (implementation.runtime === 'tool') return implementation.steps[index]?.retry;
  return 'retry' in implementation ? implementation.retry : undefined;
}

/** Id of the workflow run that carries out a run of a skill: the end of one leads to the other. */
export const CHILD_PREFIX = 'sr-';
export const childRunId = (skillRunId: string): string => `${CHILD_PREFIX}${skillRunId}`;

export function nextOf({ created, results }: SkillRunState, program: SkillProgram, place: Place): Next {
  const input = created?.input_json ?? {};
  const { implementation } = program;
  const last = results.at(-1);
  switch (implementation.runtime) {
    case 'template': {
      const filled = filledText(implementation.template, input);
      return 'failed' in filled ? filled : fromText(filled.text, program.output_schema_json);
    }
    case 'prompt':
      return last ? fromText(last.output_text ?? '', program.output_schema_json) : prompt(implementation, input);
    case 'workflow': {
      if (last)
        return last.output_json === null && last.output_text !== null
          ? fromText(last.output_text, program.output_schema_json)
          : checked(last, program.output_schema_json);
      const { runtime: _, ...workflow } = implementation;
      return { step: { step_id: 'workflow', kind: 'workflow', request: { run_id: childRunId(place.stream_id), ...defined(workflow), input } } };
    }
    case 'code':
      return last ? checked(resultOf(last), program.output_schema_json) : codeStep(implementation, input, program, place);
    case 'tool':
      return toolStep(implementation, { input, results }, program, place);
  }
}

function filledText(template: string, input: JsonObject): { readonly text: string } | { readonly failed: Fault } {
  const filled = fillDollars(template, input);
  if ('text' in filled) return filled;
  if ('tooLong' in filled) return { failed: { code: 'skill-text-too-long', message: `The text would have more than ${filled.tooLong} characters.` } };
  const names = filled.missing.map((name) => `"${name}"`).join(', ');
  return {
    failed: {
      code: 'skill-parameter-missing',
      message: `input_json has no ${names}, which the template asks for: give ${filled.missing.length === 1 ? 'it' : 'them'}, or write "$$" for a dollar.`,
    },
  };
}

/** The system message is what the skill says of itself; the caller's words are in the prompt alone. */
function prompt(implementation: Extract<Implementation, { runtime: 'prompt' }>, input: JsonObject): Next {
  const { instructions, system_prompt, files = {}, resources = {}, model, temperature, max_tokens } = implementation;
  const system = system_prompt === undefined ? null : filledText(system_prompt, input);
  if (system && 'failed' in system) return system;
  const user = filledText(implementation.prompt, input);
  if ('failed' in user) return user;
  const shown = Object.entries(files).map(([path, text]) => `File ${path}:\n${text}`);
  const named = Object.entries(resources).map(([path, { bytes }]) => `File ${path}: ${bytes} bytes, not shown.`);
  const told = [instructions, ...shown, ...named, system?.text].filter((part) => part !== undefined && part !== '').join('\n\n');
  const messages = [...(told === '' ? [] : [{ role: 'system', content: told }]), { role: 'user', content: user.text }];
  return { step: { step_id: 'prompt', kind: 'llm', request: { messages, ...defined({ model, temperature, max_tokens }) } } };
}

function toolStep(
  { steps, output }: Extract<Implementation, { runtime: 'tool' }>,
  { input, results }: { readonly input: JsonObject } & Pick<SkillRunState, 'results'>,
  { tools, steps: runner, lookup, output_schema_json }: SkillProgram,
  { workspace_id, stream_id, attempt }: Place,
): Next {
  const nodes = Object.fromEntries(
    results.map(({ step_id, output_json, output_text }) => [step_id, { output: output_json, text: output_text, status: 'completed', error: null }]),
  );
  const step = steps[results.length];
  if (!step) {
    const last = results.at(-1);
    if (output === undefined) return checked({ output_json: last?.output_json ?? null, output_text: last?.output_text ?? null }, output_schema_json);
    const rendered = renderValue(output, { input, state: input, nodes });
    if ('error' in rendered) return { failed: { code: rendered.error.code, message: `implementation_json.output: ${rendered.error.message}.` } };
    return checked({ output_json: rendered.value, output_text: typeof rendered.value === 'string' ? rendered.value : null }, output_schema_json);
  }
  if (!runner) return outside;
  // Those of the other steps may name secrets that this one must not see.
  const own = new Set(runner.tools(step.config).map(toolKey));
  const scope = {
    input,
    state: input,
    nodes,
    current: { node_id: step.id, attempt },
    run: { id: stream_id, workspace_id },
    tools: Object.fromEntries(Object.entries(tools).filter(([key]) => own.has(key))),
  };
  const asked = runner.ask('tool', step.config, scope, lookup);
  if ('failed' in asked) return { failed: { code: asked.failed.code, message: `Step "${step.id}": ${asked.failed.message}`, step_id: step.id } };
  return { step: { step_id: step.id, kind: 'tool', request: asked.recorded } };
}

const outside: Next = { failed: { code: 'skill-step-outside', message: 'Steps are done by executors only.' } };

/** The parameters are the one value that is filled in, so no text of theirs is taken for a template. */
function codeStep(
  { language, code, timeout_seconds }: Extract<Implementation, { runtime: 'code' }>,
  input: JsonObject,
  { steps: runner, lookup }: SkillProgram,
  { workspace_id, stream_id, attempt }: Place,
): Next {
  if (!runner) return outside;
  const scope = { input, state: input, nodes: {}, current: { node_id: 'code', attempt }, run: { id: stream_id, workspace_id } };
  const asked = runner.ask('code', { language, code, timeout_seconds, input_json: '{{ input }}' }, scope, lookup);
  return 'failed' in asked ? { failed: asked.failed } : { step: { step_id: 'code', kind: 'code', request: asked.recorded } };
}

/** The code node tells more than the result, e.g. what was printed. */
function resultOf({ output_json }: Output): Output {
  const result = typeof output_json === 'object' && output_json !== null && !Array.isArray(output_json) ? (output_json['result_json'] ?? null) : output_json;
  return { output_json: result, output_text: typeof result === 'string' ? result : null };
}

/** A text is the output; where the schema wants something else, the text may hold it as JSON. */
function fromText(text: string, schema: JsonObject): Next {
  const plain = checked({ output_json: text, output_text: text }, schema);
  if ('output' in plain) return plain;
  const json = parsed(text);
  return json === undefined ? plain : checked({ output_json: json, output_text: text }, schema);
}

function checked({ output_json, output_text }: Output, schema: JsonObject): Next {
  const compiled = compileInputSchema(schema);
  const problem = 'error' in compiled ? `output_schema_json ${compiled.error}` : compiled.check(output_json);
  if (problem === null) return { output: { output_json, output_text } };
  // The check is worded for inputs; here the whole value is the output.
  const message = `The output doesn't fit output_schema_json: ${problem.replace(/^the input /, 'the output ')}.`;
  return { failed: { code: 'skill-output-invalid', message } };
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

const defined = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
