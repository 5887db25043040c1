import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { Failure } from './failure.ts';
import { isSealed, type Secrets } from './secrets.ts';

const SECRET_NAME = /^(?:proxy-)?authorization$|^(?:set-)?cookie$|api[-_]?key|token|secret|password/i;

/** Whether a header of this name holds something that the log must not. */
export const isSecretHeader = (name: string): boolean => SECRET_NAME.test(name);

/** Sealed it is a third longer, and configs allow 8,000 characters. */
const LONGEST_BYTES = 5_900;

const CREDENTIALS = /^(\s*[a-z][a-z0-9+.-]*:[/\\]{2})[^/?#\\]*@/i;

/** Whether a URL, or the template of one, names a user before its host. */
export const hasCredentials = (url: string): boolean => CREDENTIALS.test(url);

/** A URL for messages: without the user and password before its host. */
export const withoutCredentials = (url: string): string => url.replace(CREDENTIALS, '$1***@');

/** Changes the secret members of `holder.headers`. The holder itself when there is nothing to change. */
export function mapSecretHeaders(holder: JsonValue, change: (name: string, text: string) => string): JsonValue {
  if (!isObject(holder) || !isObject(holder['headers'])) return holder;
  const { headers } = holder;
  const changed = Object.entries(headers).flatMap(([name, value]) => {
    if (!isSecretHeader(name) || (typeof value !== 'string' && typeof value !== 'number')) return [];
    const now = change(name, String(value));
    return now === value ? [] : [[name, now] as const];
  });
  return changed.length === 0 ? holder : { ...holder, headers: { ...headers, ...Object.fromEntries(changed) } };
}

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why a config can't be kept. */
export interface SecretProblem {
  readonly field: string;
  readonly rule: string;
  readonly remedy: string;
}

/** What people write, before it is recorded: a template says where a secret comes from and is none itself. */
const isWritten = (text: string): boolean => text !== '' && !text.includes('{{');

/**
 * Seals the secret headers of a config that people wrote, and says what in it can't be recorded: `problems` are named
 * below `path`. Templates stay readable; what they become is sealed when the request is made.
 */
export function sealConfig(
  config: JsonObject,
  path: string,
  workspace_id: string,
  secrets: Secrets | undefined,
): { readonly config: JsonObject; readonly problems: readonly SecretProblem[] } {
  const problems = credentialProblems(config, path);
  const sealed = mapSecretHeaders(config, (name, text) => {
    if (!isWritten(text)) return text;
    if (!secrets) throw new Failure('fault', 'secrets-locked', 'This process has no key for secrets, so it must not record any.');
    const field = `${path}/headers/${name}`;
    if (isSealed(text) && secrets.open({ workspace_id, name }, text) === null)
      problems.push({ field, rule: 'was sealed for another header, workspace or platform', remedy: 'give the value itself' });
    if (!isSealed(text) && Buffer.byteLength(text) > LONGEST_BYTES)
      problems.push({ field, rule: `must be at most ${LONGEST_BYTES} bytes`, remedy: 'use a shorter one; it is kept encrypted' });
    return secrets.seal({ workspace_id, name }, text);
  });
  // An object stays one.
  return { config: sealed as JsonObject, problems };
}

const URL_FIELDS = ['url', 'base_url', 'source_url'] as const;

const credentialProblems = (config: JsonObject, path: string): SecretProblem[] =>
  URL_FIELDS.flatMap((name) => {
    const url = config[name];
    if (typeof url !== 'string' || !hasCredentials(url)) return [];
    const remedy = 'send them in the header "authorization", which is kept encrypted';
    return [{ field: `${path}/${name}`, rule: 'must hold no user name or password', remedy }];
  });
