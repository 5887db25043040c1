import { type CallToolResult, type ContentBlock, isSpecType, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { toFailure, toProblem } from '@agent-platform/kernel/index';
import type { Called } from './called.ts';
import { linkTo } from './resources.ts';

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/** The names of what was begun, by which it is asked for again. */
const ID = { run: 'run_id', skill_run: 'skill_run_id', tool_call: 'tool_call_id' } as const;

/**
 * What a call answers: the output of what completed, an error for what failed or was cancelled, and for a run that goes on
 * its run_id, with which `get_run` asks again, and a link to it.
 */
export function answerOf({ kind, view, ended, open_tasks }: Called): CallToolResult {
  const { id = null, status = null, output_text = null, output_json = null, error = null } = view;
  const ids = { run_id: id, [ID[kind]]: id };
  const structuredContent: JsonObject = { ...ids, status, ...(ended ? { output_text, output_json } : {}), ...(error === null ? {} : { error }) };
  const say = (content: ContentBlock[], more: JsonObject = {}): CallToolResult => ({ content, structuredContent: { ...structuredContent, ...more } });
  if (status === 'completed') return say(blocksOf(output_json) ?? [line(output_text === null ? text(output_json) : text(output_text))]);
  if (ended) {
    const { code, message } = (error ?? { code: 'run-cancelled', message: 'The run was cancelled.' }) as { code: string; message: string };
    return { ...say([line(`${code}: ${message}`)], { error: error ?? { code, message } }), isError: true };
  }
  const asked = open_tasks.length > 0;
  const people = asked ? ` It waits for a person: ${open_tasks.map((task) => `task ${task}`).join(', ')}.` : '';
  const goesOn = say([line(`Run ${text(id)} goes on.${people} Ask again with get_run and this run_id.`), linkTo(text(id))], {
    ...(asked && { open_tasks: [...open_tasks] }),
  });
  // Whoever called a tool must not take this for its answer.
  return kind === 'tool_call' && asked ? { ...goesOn, isError: true } : goesOn;
}

const line = (words: string): ContentBlock => ({ type: 'text', text: words });

/** What an MCP server answered in the place of the last node, passed on as it is: images, sounds, resources. */
function blocksOf(output: JsonValue): ContentBlock[] | null {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return null;
  const { content } = output;
  return Array.isArray(content) && content.length > 0 && content.every((block) => isSpecType.ContentBlock(block)) ? content : null;
}

/** A refusal as an error of MCP, with our problem as its data: the code there is the stable one. */
export function protocolError(error: unknown, request_id: string): ProtocolError {
  const failure = toFailure(error);
  const code = failure.kind === 'fault' || failure.kind === 'transient' ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams;
  return new ProtocolError(code, `${failure.code}: ${failure.message}`, toProblem(failure, { request_id }));
}
