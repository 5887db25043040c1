import type { JsonValue } from '@agent-platform/contracts/kit/index';
import type { EffectContext } from '@agent-platform/kernel/index';
import type { Secrets } from '@agent-platform/kernel/secrets';
import type { Ports } from '@agent-platform/ports/index';
import type { EffectNode, NodeContext, NodeOutcome } from './node.ts';
import { fillSecrets, openRequest } from './request-secrets.ts';
import { withoutSecrets } from './secret-scrub.ts';

/** What a recorded request is performed with. */
export interface Performing {
  readonly node: EffectNode;
  readonly ports: Ports;
  readonly secrets: Secrets | undefined;
  /** Value of a named secret as it is now. */
  readonly secretOf: (name: string) => Promise<string | null>;
  /** What was thrown, as an outcome. */
  readonly explain: (error: unknown) => NodeOutcome;
}

/**
 * Performs a request as it was recorded: with its secrets, which are opened for the call alone. Nothing that the call
 * brings out has one of them: neither the outcome, nor commands to others, nor what is told live. Never rejects.
 */
export async function performRecorded(
  recorded: JsonValue,
  { node, ports, secrets, secretOf, explain }: Performing,
  context: EffectContext,
): Promise<NodeOutcome> {
  const opening = openRequest(recorded, context.stream.workspace_id, secrets);
  if ('failed' in opening) return { status: 'failed', error: opening.failed };
  const filling = await fillSecrets(opening, node, secretOf);
  if ('failed' in filling) return { status: 'failed', error: filling.failed };
  const { request, opened } = filling;
  const inside: NodeContext = { ...context, credentialOf: secretOf };
  const outside: NodeContext = {
    ...inside,
    live: (topic, data) => context.live(topic, withoutSecrets(data, opened)),
    command: (type, workspaceId, data, commandId) => context.command(type, workspaceId, withoutSecrets(data, opened), commandId),
  };
  try {
    return withoutSecrets(await node.perform(request, ports, opened.length === 0 ? inside : outside), opened);
  } catch (error) {
    return withoutSecrets(explain(error), opened);
  }
}
