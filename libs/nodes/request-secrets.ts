import type { JsonValue } from '@agent-platform/contracts/kit/index';
import { mapSecretHeaders } from '@agent-platform/kernel/secret-headers';
import { isSealed, type Secrets } from '@agent-platform/kernel/secrets';
import { toFailure } from '@agent-platform/kernel/index';
import type { EffectNode, NodeError } from './node.ts';
import { fillRequest, isReference, markOf, namesIn } from './secret-marks.ts';

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
  const mark = markOf(request);
  const recorded = mapSecretHeaders(request, (name, text) => {
    if (text === '' || (mark !== null && isReference(text, mark))) return text;
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

/**
 * The request with the values of the secrets that it names. They are looked up now, not when the request was made: after
 * a rotation the next attempt has the new value.
 */
export async function fillSecrets(
  opening: { readonly request: JsonValue; readonly opened: readonly string[] },
  node: EffectNode,
  secretOf: (name: string) => Promise<string | null>,
): Promise<{ readonly request: JsonValue; readonly opened: readonly string[] } | Failed> {
  const mark = markOf(opening.request);
  if (mark === null) return opening;
  const values = new Map<string, string>();
  for (const name of namesIn(opening.request, mark)) {
    let value: string | null;
    try {
      value = await secretOf(name);
    } catch (error) {
      const { code, message, kind } = toFailure(error);
      return { failed: { code, message, retryable: kind === 'transient' } };
    }
    if (value === null) return failure('secret-missing', `There is no secret "${name}" in this workspace: create it, or correct {{ secrets.${name} }}.`);
    values.set(name, value);
  }
  const filled = fillRequest(node, opening.request, mark, values);
  return 'failed' in filled ? filled : { request: filled.request, opened: [...opening.opened, ...filled.used] };
}
