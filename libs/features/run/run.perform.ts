import { type EffectContext, toFailure } from '@agent-platform/kernel/index';
import type { Secrets } from '@agent-platform/kernel/secrets';
import type { NodeOutcome } from '@agent-platform/nodes/node';
import { performRecorded } from '@agent-platform/nodes/recorded.request';
import type { Ports } from '@agent-platform/ports/index';
import type { ProgramNode, SecretOf } from './run.program.ts';
import type { RunEvent } from './run.state.ts';

/** An attempt as the log asks for it. */
export interface Asked {
  readonly started: Extract<RunEvent, { type: 'node.started' }>['data'];
  readonly node: ProgramNode;
  readonly secrets: Secrets | undefined;
  readonly secretOf: SecretOf;
}

export const DEFAULT_TIMEOUT_MS = 300_000;

/** One attempt of a node, with its time limit. Whatever is thrown becomes an outcome; no outcome has a secret of the request. */
export async function performNode(
  { started, node: { node, timeoutMs, onUnknown }, secrets, secretOf }: Asked,
  ports: Ports,
  context: EffectContext,
): Promise<NodeOutcome> {
  if (node?.kind !== 'effect') return failed('node-type-unknown', `Node type "${started.node_type}" has no effect.`, false);
  const explain = (error: unknown): NodeOutcome => {
    const { code, message, kind } = toFailure(error);
    if (!context.timedOut()) return failed(code, message, kind === 'transient');
    const seconds = (timeoutMs ?? DEFAULT_TIMEOUT_MS) / 1000;
    const repeatable = (onUnknown ?? node.onUnknown(started.request ?? null)) === 'repeat';
    const rest = repeatable ? '' : ' It may have been done all the same, and is not to be done twice: look outside.';
    return failed('node-timeout', `Node "${started.node_id}" took longer than ${seconds} s.${rest}`, repeatable);
  };
  return performRecorded(started.request ?? null, { node, ports, secrets, secretOf, explain }, context);
}

const failed = (code: string, message: string, retryable: boolean): NodeOutcome => ({ status: 'failed', error: { code, message, retryable } });
