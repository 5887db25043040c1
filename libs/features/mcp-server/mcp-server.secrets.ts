import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { type McpOAuth, signsInItself } from '@agent-platform/contracts/mcp-server/mcp-oauth';
import type { McpServerConfig } from '@agent-platform/contracts/mcp-server/mcp-server.contract';
import { Failure } from '@agent-platform/kernel/index';
import { mapSecretHeaders, type SecretProblem } from '@agent-platform/kernel/secret-headers';
import { isSealed, type Secrets } from '@agent-platform/kernel/secrets';

const REFERENCE = /\{\{\s*secrets\.([A-Za-z0-9_-]{1,64})\s*\}\}/g;

/** Something that would have to be rendered and is no secret's place. */
const hasOther = (text: string): boolean => text.replace(REFERENCE, '').includes('{{');
const isReference = (text: string): boolean => text.replace(REFERENCE, '') === '' && text !== '';

/** Why a config can't be kept: what in it holds a secret itself, or a template of something else. */
export function secretProblems(config: McpServerConfig): SecretProblem[] {
  if (config.transport === 'stdio') return [];
  const remedy = 'write {{ secrets.<name> }} and create the secret';
  const { headers = {}, oauth } = config;
  const misplaced = Object.entries(headers)
    .filter(([, text]) => hasOther(text))
    .map(([name]) => ({ field: `/config/headers/${name}`, rule: 'may hold places of secrets only', remedy }));
  const credentials = credentialsOf(oauth);
  const open = Object.entries(credentials)
    .filter(([, text]) => !isReference(text))
    .map(([name]) => ({ field: `/config/oauth/${name}`, rule: 'must be the place of a secret, not the secret', remedy }));
  return [...misplaced, ...open, ...clientProblems(oauth, Object.keys(credentials).length)];
}

/** What of a client's credentials is secret. */
function credentialsOf(oauth: McpOAuth | undefined): { readonly client_secret?: string; readonly private_key?: string } {
  const { client_secret, private_key } = { client_secret: undefined, private_key: undefined, ...oauth };
  return { ...(client_secret !== undefined && { client_secret }), ...(private_key !== undefined && { private_key }) };
}

/** What is missing of a client: one that signs in itself needs one secret; one that people use, an issuer. */
function clientProblems(oauth: McpOAuth | undefined, credentials: number): SecretProblem[] {
  if (oauth === undefined) return [];
  const problem = (field: string, rule: string, remedy: string): SecretProblem[] => [{ field: `/config/oauth/${field}`, rule, remedy }];
  if (signsInItself(oauth))
    return credentials === 1
      ? []
      : problem(
          'client_secret',
          'must be given, or private_key instead of it',
          'write {{ secrets.<name> }}; if a person signs in, set grant to authorization_code',
        );
  if (oauth.client_id !== undefined && oauth.issuer === undefined)
    return problem('issuer', 'must be given with client_id', 'name the authorization server that the client is registered at');
  return credentials === 1 && oauth.client_id === undefined ? problem('client_id', 'must be given with client_secret', 'name the client') : [];
}

/** The config with the values of the secrets that it names, which are added to `used`. Throws Failure('invalid', 'secret-missing'). */
export async function fillConfig(config: McpServerConfig, secretOf: (name: string) => Promise<string | null>, used: string[]): Promise<McpServerConfig> {
  if (config.transport === 'stdio') return config;
  const values = new Map<string, string>();
  const fill = async (text: string): Promise<string> => {
    for (const [, name = ''] of text.matchAll(REFERENCE)) {
      const value = values.get(name) ?? (await secretOf(name));
      if (value === null) throw new Failure('invalid', 'secret-missing', `There is no secret "${name}" in this workspace: create it, or correct the config.`);
      values.set(name, value);
      used.push(value);
    }
    return text.replace(REFERENCE, (_place, name: string) => values.get(name) ?? '');
  };
  const headers = await Promise.all(Object.entries(config.headers ?? {}).map(async ([name, text]) => [name, await fill(text)] as const));
  const { oauth } = config;
  const credentials = await Promise.all(Object.entries(credentialsOf(oauth)).map(async ([name, text]) => [name, await fill(text)] as const));
  return { ...config, headers: Object.fromEntries(headers), ...(oauth && { oauth: { ...oauth, ...Object.fromEntries(credentials) } }) };
}

/** What configs are opened with. */
export interface Opening {
  readonly workspace_id: string;
  readonly secrets: Secrets | undefined;
  /** Value of a named secret as it is now, for the moment of the question. */
  readonly secretOf: (name: string) => Promise<string | null>;
}

/** The config with its headers and credentials in clear, for a question alone; what was opened is added to `used`. */
export async function openConfig(config: McpServerConfig | null, { workspace_id, secrets, secretOf }: Opening, used: string[]): Promise<McpServerConfig> {
  // JSON by its schema, before and after.
  const opened = mapSecretHeaders(config as unknown as JsonObject, (name, text) => {
    if (!isSealed(text)) return text;
    const clear = secrets?.open({ workspace_id, name }, text) ?? null;
    if (clear === null) throw new Failure('invalid', 'secret-unreadable', `config.headers.${name}: was sealed with another key; create the server anew.`);
    used.push(clear);
    return clear;
  }) as unknown as McpServerConfig;
  return fillConfig(opened, secretOf, used);
}
