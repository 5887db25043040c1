import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { mapSecretHeaders } from '@agent-platform/kernel/secret-headers';
import { isSealed, type Secrets } from '@agent-platform/kernel/secrets';
import type { NodeError, NodeOutcome } from '@agent-platform/nodes/node';

/** Why there is no request. */
export type Failed = { readonly failed: NodeError };

/*
 * What a node asks for is recorded before it is done, for people to read and for whoever takes over after a crash to do:
 * the same request, not one that is made again from what tools and state have become meanwhile. So its secret headers are
 * recorded sealed, and opened only for the call.
 */
const failure = (code: string, message: string): Failed => ({ failed: { code, message, retryable: false } });
const unreadable = (name: string): Failed =>
  failure('secret-unreadable', `The header "${name}" was sealed elsewhere, or its key is gone: give its value anew, in a new version or binding.`);

/** The request as it is recorded. */
export function sealRequest(request: JsonValue, workspace_id: string, secrets: Secrets | undefined): { readonly recorded: JsonValue } | Failed {
  let failed: Failed | undefined;
  const recorded = mapSecretHeaders(request, (name, text) => {
    if (text === '') return text;
    if (!secrets) failed = failure('secrets-locked', 'This process has no key for secrets, so it must not record any.');
    const sealed = secrets?.seal({ workspace_id, name }, text) ?? '';
    if (isSealed(text) && sealed !== text) failed = unreadable(name);
    return sealed;
  });
  return failed ?? { recorded };
}

/** The request as it is performed, and the secrets in it. One that an older release recorded in clear stays as it is. */
export function openRequest(
  recorded: JsonValue,
  workspace_id: string,
  secrets: Secrets | undefined,
): { readonly request: JsonValue; readonly opened: readonly string[] } | Failed {
  let failed: Failed | undefined;
  const opened: string[] = [];
  const request = mapSecretHeaders(recorded, (name, text) => {
    const clear = isSealed(text) ? (secrets?.open({ workspace_id, name }, text) ?? null) : text;
    if (clear === null) failed = unreadable(name);
    opened.push(clear ?? '');
    return clear ?? '';
  });
  return failed ?? { request, opened };
}

/** Shorter ones would blot out words that only look like them. */
const SHORTEST = 8;

/** An outcome without the secrets of its request: a server that echoes its headers would bring them into the log. */
export function withoutSecrets(outcome: NodeOutcome, opened: readonly string[]): NodeOutcome {
  // Of "Bearer <token>" a server may echo the token alone.
  const parts = opened.flatMap((text) => [text, text.replace(/^\S+\s+/, '')]).filter((text) => text.length >= SHORTEST);
  if (parts.length === 0) return outcome;
  const before = JSON.stringify(outcome);
  const after = parts.reduce((text, part) => text.replaceAll(JSON.stringify(part).slice(1, -1), '***'), before);
  return after === before ? outcome : (JSON.parse(after) as NodeOutcome);
}
