import { z } from 'zod';
import { readSettings, SETTINGS } from '@agent-platform/service/config';
import { type Handling, readModelsFile, type Routing } from './models.file.ts';
import { RecordingMode } from './recorded.backend.ts';

const BaseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address such as https://api.openai.com/v1' })
  .transform((url) => url.replace(/\/+$/, ''));

/** Settings of the gateway. `provider` null: the built-in offline model answers. */
export const ModelGatewayConfig = z.object({
  host: z.string().default('127.0.0.1'),
  /** 0: any free one. */
  port: z.coerce.number().int().min(0).max(65_535).default(8001),
  provider: z
    .object({
      baseUrl: BaseUrl,
      apiKey: z.string().default(''),
      /* Checked with the defaults when it is used. */ handling: z.custom<Partial<z.input<typeof Handling>>>().default({}),
    })
    .nullable()
    .default(null),
  /** Several providers, from a file (`readModelsFile`); then `provider` and `defaultModel` do not count. */
  routing: z.custom<Routing>().nullable().default(null),
  /** Model of requests that name none. Default: gpt-4o-mini at a provider, else the name of the built-in model. */
  defaultModel: z.string().optional(),
  /** Where usage is recorded; absent: nowhere. */
  natsUrl: z.string().min(1).optional(),
  /** Signs what is recorded; absent: nothing is. */
  roleKey: z.string().min(32).optional(),
  /** Where budgets are kept; absent: there are none. */
  databaseUrl: z.string().optional(),
  /** Answers are written to a folder, or come from it. */
  recordings: z
    .object({ folder: z.string().min(1), mode: RecordingMode })
    .nullable()
    .default(null),
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

/** Those of the platform's settings that this role needs: it starts without Postgres and NATS. */
const NEEDED = {
  AGENT_PLATFORM_HTTP_HOST: SETTINGS.AGENT_PLATFORM_HTTP_HOST,
  AGENT_PLATFORM_MODEL_GATEWAY_PORT: SETTINGS.AGENT_PLATFORM_MODEL_GATEWAY_PORT,
  AGENT_PLATFORM_MODEL_GATEWAY_TOKEN: SETTINGS.AGENT_PLATFORM_MODEL_GATEWAY_TOKEN,
  AGENT_PLATFORM_PROVIDER_BASE_URL: SETTINGS.AGENT_PLATFORM_PROVIDER_BASE_URL,
  AGENT_PLATFORM_PROVIDER_API_KEY: SETTINGS.AGENT_PLATFORM_PROVIDER_API_KEY,
  AGENT_PLATFORM_DEFAULT_MODEL: SETTINGS.AGENT_PLATFORM_DEFAULT_MODEL,
  AGENT_PLATFORM_MODELS_FILE: SETTINGS.AGENT_PLATFORM_MODELS_FILE,
  AGENT_PLATFORM_NATS_URL: { ...SETTINGS.AGENT_PLATFORM_NATS_URL, schema: SETTINGS.AGENT_PLATFORM_NATS_URL.schema.optional() },
  AGENT_PLATFORM_MODEL_RECORDINGS: SETTINGS.AGENT_PLATFORM_MODEL_RECORDINGS,
  AGENT_PLATFORM_MODEL_RECORDINGS_MODE: SETTINGS.AGENT_PLATFORM_MODEL_RECORDINGS_MODE,
  AGENT_PLATFORM_DATABASE_URL: { ...SETTINGS.AGENT_PLATFORM_DATABASE_URL, schema: SETTINGS.AGENT_PLATFORM_DATABASE_URL.schema.optional() },
  AGENT_PLATFORM_ROLE_KEY: SETTINGS.AGENT_PLATFORM_ROLE_KEY,
  AGENT_PLATFORM_LOG_LEVEL: SETTINGS.AGENT_PLATFORM_LOG_LEVEL,
  // What other programs call the provider's key; it counts when ours is absent.
  OPENAI_API_KEY: SETTINGS.AGENT_PLATFORM_PROVIDER_API_KEY,
};

/** Settings from the environment; an empty variable counts as absent. Throws Failure('invalid', 'bad-config') with every mistake. */
export function readModelGatewayConfig(env: NodeJS.ProcessEnv): ModelGatewaySettings {
  const settings = readSettings(NEEDED, env);
  const apiKey = settings.AGENT_PLATFORM_PROVIDER_API_KEY ?? settings.OPENAI_API_KEY;
  const baseUrl = settings.AGENT_PLATFORM_PROVIDER_BASE_URL ?? (apiKey === undefined ? undefined : OPENAI);
  return ModelGatewayConfig.parse({
    host: settings.AGENT_PLATFORM_HTTP_HOST,
    port: settings.AGENT_PLATFORM_MODEL_GATEWAY_PORT,
    provider: baseUrl === undefined ? null : { baseUrl, apiKey },
    routing: settings.AGENT_PLATFORM_MODELS_FILE === undefined ? null : readModelsFile(settings.AGENT_PLATFORM_MODELS_FILE, env),
    defaultModel: settings.AGENT_PLATFORM_DEFAULT_MODEL,
    natsUrl: settings.AGENT_PLATFORM_NATS_URL,
    recordings:
      settings.AGENT_PLATFORM_MODEL_RECORDINGS === undefined
        ? null
        : { folder: settings.AGENT_PLATFORM_MODEL_RECORDINGS, mode: settings.AGENT_PLATFORM_MODEL_RECORDINGS_MODE },
    databaseUrl: settings.AGENT_PLATFORM_DATABASE_URL,
    roleKey: settings.AGENT_PLATFORM_ROLE_KEY,
    token: settings.AGENT_PLATFORM_MODEL_GATEWAY_TOKEN,
    logLevel: settings.AGENT_PLATFORM_LOG_LEVEL,
  });
}
