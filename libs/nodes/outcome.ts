import { Failure, storable, storableText } from '@agent-platform/kernel/index';
import type { EffectContext } from '@agent-platform/kernel/index';
import type { JsonObject } from '@agent-platform/contracts/kit/index';
import type { NodeEnd, NodeError, NodeOutcome, NodeResult } from './node.ts';

type Failed = Extract<NodeEnd, { status: 'failed' }>;

/** Longest message of an error, in bytes of JSON. */
const MESSAGE_BYTES = 4_000;

export function nodeError(code: string, message: string, options: { readonly retryable?: boolean; readonly detail?: JsonObject } = {}): NodeError {
  const { value } = storableText(message, MESSAGE_BYTES);
  return { code, message: value, retryable: options.retryable ?? false, ...(options.detail && { detail: options.detail }) };
}

export const failed = (error: NodeError): Failed => ({ status: 'failed', error });

/**
 * A completed outcome of a pure node. Templates can double a value with every node, so the size and depth of what
 * a node leaves behind are limited: beyond them the node fails instead of leaving behind something cut.
 */
export function completed(result: NodeResult): NodeEnd {
  const { changes } = storable([result.output_json, result.output_text]);
  if ((changes.size_cut ?? 0) + (changes.depth_cut ?? 0) === 0) return { status: 'completed', ...result };
  return failed(
    nodeError('output-too-large', 'The output is above 1 MB, or nested deeper than 62 levels; keep less in the state and refer to single values in templates.'),
  );
}

/** What was thrown at an effect, as data: a Failure keeps its code, and only a transient one may be tried again. */
export function errorOf(thrown: unknown): NodeError {
  if (thrown instanceof Failure) return nodeError(thrown.code, thrown.message, { retryable: thrown.kind === 'transient' });
  return nodeError('internal-fault', `The node broke: ${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)}`);
}

/** Runs the work of an effect; what it throws becomes a failed outcome, unless the effect was aborted. */
export async function attempt(
  context: EffectContext,
  work: () => Promise<NodeOutcome>,
  explain: (thrown: unknown) => NodeError = errorOf,
): Promise<NodeOutcome> {
  try {
    return await work();
  } catch (thrown) {
    // Nobody waits for the outcome of an aborted effect, and a shutdown must not be recorded as the node's failure.
    if (context.signal.aborted) throw thrown;
    return failed(explain(thrown));
  }
}
