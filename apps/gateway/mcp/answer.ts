import type { CallToolResult } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { toFailure, toProblem } from '@agent-platform/kernel/index';
import type { Waited } from './wait.ts';

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/**
 * What a call answers: the output of a run that completed, an error for one that failed or was cancelled, and for one
 * that goes on its run_id, with which `get_run` asks again.
 */
export function answerOf({ run, ended, open_tasks }: Waited): CallToolResult {
  const { id: run_id = null, status = null, output_text = null, output_json = null, error = null } = run;
  const structuredContent: JsonObject = { run_id, status, ...(ended ? { output_text, output_json } : {}), ...(error === null ? {} : { error }) };
  const say = (line: string, more: JsonObject = {}): CallToolResult => ({
    content: [{ type: 'text', text: line }],
    structuredContent: { ...structuredContent, ...more },
  });
  if (status === 'completed') return say(output_text === null ? text(output_json) : text(output_text));
  if (ended) {
    const { code, message } = (error ?? { code: 'run-cancelled', message: 'The run was cancelled.' }) as { code: string; message: string };
    return { ...say(`${code}: ${message}`, { error: error ?? { code, message } }), isError: true };
  }
  const people = open_tasks.length === 0 ? '' : ` It waits for a person: ${open_tasks.map((task) => `task ${task}`).join(', ')}.`;
  return say(`Run ${text(run_id)} goes on.${people} Ask again with get_run and this run_id.`, {
    ...(open_tasks.length > 0 && { open_tasks: [...open_tasks] }),
  });
}

/** A refusal as an error of MCP, with our problem as its data: the code there is the stable one. */
export function protocolError(error: unknown, request_id: string): ProtocolError {
  const failure = toFailure(error);
  const code = failure.kind === 'fault' || failure.kind === 'transient' ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams;
  return new ProtocolError(code, `${failure.code}: ${failure.message}`, toProblem(failure, { request_id }));
}
