import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SETTINGS } from '@agent-platform/service/config';

const BaseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address such as https://api.openai.com/v1' })
  .transform((url) => url.replace(/\/+$/, ''));

/** Settings of the gateway. `provider` null: the built-in offline model answers. */
export const ModelGatewayConfig = z.object({
  host: z.string().default('127.0.0.1'),
  /** 0: any free one. */
  port: z.coerce.number().int().min(0).max(65_535).default(8001),
  provider: z
    .object({ baseUrl: BaseUrl, apiKey: z.string().default('') })
    .nullable()
    .default(null),
  /** Model of requests that name none. Default: gpt-4o-mini at a provider, else the name of the built-in model. */
  defaultModel: z.string().optional(),
  /** When set, callers must send it as a bearer token. */
  token: z.string().min(16).optional(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Bytes of a request body. */
  bodyBytes: z.int().min(1).default(8_000_000),
  /** Longest silence of the provider before and inside an answer, in milliseconds. */
  silenceMs: z.int().min(1).default(300_000),
  /** How long `close` lets running calls finish, in milliseconds. */
  drainMs: z.int().min(0).default(5_000),
});
export type ModelGatewayConfig = z.input<typeof ModelGatewayConfig>;
export type ModelGatewaySettings = z.output<typeof ModelGatewayConfig>;

const OPENAI = 'https://api.openai.com/v1';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from the environment: those of the platform's table that this role needs, so that it starts without
 * Postgres and NATS. An empty variable counts as absent. Throws ZodError that names the setting.
 */
export function readModelGatewayConfig(env: Environment): ModelGatewaySettings {
  const apiKey = secret(env, 'AGENT_PLATFORM_PROVIDER_API_KEY') ?? secret(env, 'OPENAI_API_KEY');
  const baseUrl = given(env, 'AGENT_PLATFORM_PROVIDER_BASE_URL') ?? (apiKey === undefined ? undefined : OPENAI);
  return ModelGatewayConfig.parse({
    host: setting(env, 'AGENT_PLATFORM_HTTP_HOST'),
    port: setting(env, 'AGENT_PLATFORM_MODEL_GATEWAY_PORT'),
    provider: baseUrl === undefined ? null : { baseUrl, apiKey },
    defaultModel: setting(env, 'AGENT_PLATFORM_DEFAULT_MODEL'),
    token: secret(env, 'AGENT_PLATFORM_MODEL_GATEWAY_TOKEN'),
    logLevel: setting(env, 'AGENT_PLATFORM_LOG_LEVEL'),
  });
}

const given = (env: Environment, name: string): string | undefined => env[name] || undefined;

/** A secret, or the content of the file that `<NAME>_FILE` names. */
function secret(env: Environment, name: string): string | undefined {
  const path = given(env, `${name}_FILE`);
  return given(env, name) ?? (path === undefined ? undefined : readFileSync(path, 'utf8').trim() || undefined);
}

/** A setting by its schema in the platform's table; a mistake names the variable. */
function setting<K extends keyof typeof SETTINGS>(env: Environment, name: K): unknown {
  const parsed = SETTINGS[name].schema.safeParse(given(env, name));
  if (parsed.success) return parsed.data;
  throw new z.ZodError(parsed.error.issues.map((issue) => ({ ...issue, path: [name] })));
}
