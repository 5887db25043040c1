import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type { JsonObject } from '@agent-platform/contracts/kit/index';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const REPEATABLE: ReadonlySet<string> = new Set([...READS, 'PUT', 'DELETE']);
/** Node types that ask at most a model or a knowledge base, and change nothing. */
const READING_NODES: ReadonlySet<string> = new Set(['start', 'answer', 'assigner', 'if-else', 'template-transform', 'knowledge-retrieval', 'llm', 'delay']);

/** What the effect policy of a tool says to a client: what only reads, and what may be called again. */
export function annotateTool({ method = 'GET', idempotent = false, transport }: JsonObject): ToolAnnotations {
  // Of a tool of another server, only its owner knows what it does.
  if (transport !== undefined) return { readOnlyHint: false, idempotentHint: idempotent === true, openWorldHint: true };
  const verb = typeof method === 'string' ? method.toUpperCase() : 'GET';
  if (READS.has(verb)) return { readOnlyHint: true, idempotentHint: true, openWorldHint: true };
  return {
    readOnlyHint: false,
    destructiveHint: verb !== 'POST' || idempotent !== true,
    idempotentHint: idempotent === true || REPEATABLE.has(verb),
    openWorldHint: true,
  };
}

/** A workflow whose nodes all read reads; of any other nobody knows what it may do. */
export function annotateWorkflow(nodes: readonly { readonly type: string; readonly config: JsonObject }[]): ToolAnnotations {
  const reads = nodes.every(({ type, config }) => READING_NODES.has(type) || isReadingTool(type, config));
  return reads ? { readOnlyHint: true, openWorldHint: false } : { readOnlyHint: false };
}

const PURE_BUILTINS: ReadonlySet<unknown> = new Set(['calculator', 'current_time', 'knowledge_search']);
const isReadingTool = (type: string, { builtin }: JsonObject): boolean => type === 'tool' && PURE_BUILTINS.has(builtin);

/** Templates are filled in, and prompts are answered by a model; what the others do is anybody's guess. */
export const annotateSkill = (runtime: unknown): ToolAnnotations =>
  runtime === 'template' || runtime === 'prompt' ? { readOnlyHint: true, openWorldHint: false } : { readOnlyHint: false };
