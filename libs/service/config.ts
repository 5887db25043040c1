import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import { schemaFields } from '@agent-platform/kernel/schema-fields';

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
export const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });
const port = z.coerce.number().int().min(0).max(65_535);

/** One variable. One that holds a secret may also be given as `<NAME>_FILE`, a path whose content is the value. */
export interface Setting {
  readonly schema: z.ZodType;
  readonly secret?: boolean;
  readonly help: string;
  readonly example: string;
}

/** Every variable the roles read, in one place; `.env.example` is generated from it and from `program.settings.ts`. */
export const SETTINGS = {
  AGENT_PLATFORM_DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// address' }),
    secret: true,
    help: 'Postgres of the event log and the read models.',
    example: 'postgresql://platform@127.0.0.1:5432/platform',
  },
  AGENT_PLATFORM_NATS_URL: { schema: z.string().min(1), secret: true, help: 'NATS with JetStream, 2.12 or newer.', example: 'nats://127.0.0.1:4222' },
  AGENT_PLATFORM_NATS_REPLICAS: {
    schema: z.coerce.number().int().min(1).max(5).default(1),
    help: 'Servers of a NATS cluster that keep each stream; the same for every role.',
    example: '1',
  },
  AGENT_PLATFORM_STREAM_MAX_AGE_HOURS: {
    schema: z.coerce.number().min(24, 'must be 24 or more: what executors have not seen yet must not go').optional(),
    help: 'How long events stay on JetStream, longer than any executor may be away; empty: for ever. The log keeps them in any case.',
    example: '',
  },
  AGENT_PLATFORM_HTTP_HOST: { schema: z.string().default('127.0.0.1'), help: 'Address the gateway and the model gateway listen on.', example: '127.0.0.1' },
  AGENT_PLATFORM_HTTP_PORT: { schema: port.default(8000), help: 'Port of the gateway; 0 takes a free one.', example: '8000' },
  AGENT_PLATFORM_PUBLIC_URL: {
    schema: httpUrl.optional(),
    help: 'Where browsers reach the gateway, for those that come back from signing in at an MCP server; empty: on this machine only.',
    example: '',
  },
  AGENT_PLATFORM_MODEL_GATEWAY_PORT: { schema: port.default(8001), help: 'Port of the model gateway; 0 takes a free one.', example: '8001' },
  AGENT_PLATFORM_MODEL_GATEWAY_URL: {
    schema: httpUrl.default('http://127.0.0.1:8001'),
    help: 'Where executors and the gateway reach the model gateway.',
    example: 'http://127.0.0.1:8001',
  },
  AGENT_PLATFORM_MODEL_GATEWAY_TOKEN: {
    schema: z.string().min(16, 'must have 16 characters or more').optional(),
    secret: true,
    help: 'Shared secret that callers of the model gateway must send; empty: none.',
    example: '',
  },
  AGENT_PLATFORM_CODE_RUNNER_PORT: { schema: port.default(8006), help: 'Port of the code runner; 0 takes a free one.', example: '8006' },
  AGENT_PLATFORM_CODE_RUNNER_URL: {
    schema: httpUrl.default('http://127.0.0.1:8006'),
    help: 'Where executors and the gateway reach the code runner.',
    example: 'http://127.0.0.1:8006',
  },
  AGENT_PLATFORM_CODE_LANGUAGES: {
    schema: list.pipe(z.array(z.enum(['javascript', 'python'])).min(1, 'must name one or more')).default(['javascript', 'python']),
    help: 'Languages that the code runner runs, with commas between.',
    example: 'javascript,python',
  },
  AGENT_PLATFORM_PYTHON_BIN: {
    schema: z.string().default('python'),
    help: 'Python that runs code of users inside bubblewrap: a path, or a name on PATH. Without either, Pyodide runs it.',
    example: 'python',
  },
  AGENT_PLATFORM_BWRAP_BIN: {
    schema: z.string().default('bwrap'),
    help: 'bubblewrap, the wall around code of users: a path, or a name on PATH. Where it does not work, Deno stands alone.',
    example: 'bwrap',
  },
  AGENT_PLATFORM_MAX_TIMEOUT_SECONDS: {
    schema: z.coerce.number().positive().max(600).default(30),
    help: 'Longest time that code of users may run; longer timeouts are cut to it.',
    example: '30',
  },
  AGENT_PLATFORM_CODE_CONCURRENCY: {
    schema: z.coerce.number().int().min(1).max(256).default(4),
    help: 'Runs of code at once in one code runner; eight times as many wait.',
    example: '4',
  },
  AGENT_PLATFORM_PROVIDER_BASE_URL: {
    schema: httpUrl.optional(),
    help: 'OpenAI-compatible provider; without one the built-in offline model answers.',
    example: 'https://api.openai.com/v1',
  },
  AGENT_PLATFORM_PROVIDER_API_KEY: { schema: z.string().optional(), secret: true, help: 'Key of the provider; empty for local providers.', example: '' },
  AGENT_PLATFORM_MODELS_FILE: {
    schema: z.string().optional(),
    help: 'YAML or JSON: several providers, and which models are asked where (README of apps/model-gateway). Instead of PROVIDER_*.',
    example: '',
  },
  AGENT_PLATFORM_MODEL_RECORDINGS: {
    schema: z.string().optional(),
    help: 'Folder with recorded answers of models, for tests and replays (README of apps/model-gateway).',
    example: '',
  },
  AGENT_PLATFORM_MODEL_RECORDINGS_MODE: {
    schema: z.enum(['replay', 'record', 'fill']).default('replay'),
    help: 'replay: answers come from that folder alone; record: they are written to it; fill: only those that are missing are asked for.',
    example: 'replay',
  },
  AGENT_PLATFORM_SECRET_KEY: {
    schema: z.string().min(32, 'must have 32 characters or more').optional(),
    secret: true,
    help: 'Key that the keys of secrets are kept under, the same for every role; without one they lie in the database in the clear.',
    example: '',
  },
  AGENT_PLATFORM_SECRET_KEY_OLD: {
    schema: list.default([]),
    secret: true,
    help: 'Earlier values of SECRET_KEY, separated by commas, until every role has been started with the new one.',
    example: '',
  },
  AGENT_PLATFORM_ROLE_KEY: {
    schema: z.string().min(32, 'must have 32 characters or more').optional(),
    secret: true,
    help: 'Signs what roles tell each other over NATS: the same for every role. Without one, a key kept in the database does, and the model gateway records nothing.',
    example: '',
  },
  AGENT_PLATFORM_DEFAULT_MODEL: { schema: z.string().default('gpt-4o-mini'), help: 'Model of requests that name none.', example: 'gpt-4o-mini' },
  AGENT_PLATFORM_EMBEDDING_PROVIDER: {
    schema: z.enum(['hash', 'local', 'http']).default('hash'),
    help: 'Who turns texts into vectors: hash (no model, fast), local (an English model on this machine) or http (an OpenAI-compatible /embeddings).',
    example: 'hash',
  },
  AGENT_PLATFORM_EMBEDDING_BASE_URL: {
    schema: httpUrl.default('https://api.openai.com/v1'),
    help: 'Where /embeddings lies below, with the provider http.',
    example: 'https://api.openai.com/v1',
  },
  AGENT_PLATFORM_EMBEDDING_API_KEY: { schema: z.string().optional(), secret: true, help: 'Key of the embedding provider; empty: none.', example: '' },
  AGENT_PLATFORM_EMBEDDING_MODEL: {
    schema: z.string().min(1).default('text-embedding-3-small'),
    help: 'Model of the provider http. Vectors of different models are never compared.',
    example: 'text-embedding-3-small',
  },
  AGENT_PLATFORM_EMBEDDING_FALLBACK_ENABLED: {
    schema: flag.default(true),
    help: 'Whether the hash embedding stands in while the provider or the local model fails.',
    example: 'true',
  },
  AGENT_PLATFORM_EGRESS_ALLOW: {
    schema: list.default([]),
    help: 'Exact host:port pairs, separated by commas, that tools may reach although they are not public.',
    example: '127.0.0.1:9000',
  },
  AGENT_PLATFORM_TOOL_DATABASES: {
    schema: z.string().optional(),
    secret: true,
    help: 'JSON: Postgres databases that the tool postgres_query may ask, by name, e.g. {"shop": {"url": "postgresql://reader:${SHOP_PASSWORD}@db/shop"}} (libs/adapters/database).',
    example: '',
  },
  AGENT_PLATFORM_SMTP_URL: {
    schema: z.string().optional(),
    secret: true,
    help: 'Mail server of the tool email: smtp://user:password@host:587, or smtps:// for TLS from the start.',
    example: '',
  },
  AGENT_PLATFORM_SMTP_FROM: { schema: z.string().optional(), help: 'Whom mails of the tool email are from, e.g. Agent <agent@example.com>.', example: '' },
  AGENT_PLATFORM_MCP_STDIO_ALLOW: {
    schema: list.default([]),
    help: 'Exact command lines, separated by commas, that may be started as MCP servers; empty: none.',
    example: '',
  },
  AGENT_PLATFORM_NODES: { schema: list.default([]), help: 'Paths of modules with node types of your own, separated by commas.', example: '' },
  AGENT_PLATFORM_FEATURES: {
    schema: list.default([]),
    help: 'What an executor works on, separated by commas, e.g. run,human_task; empty: everything.',
    example: '',
  },
  AGENT_PLATFORM_WORKER_KEY: {
    schema: z.string().default(`${hostname()}-${process.pid}`),
    help: 'Name of this executor in events and node runs.',
    example: '',
  },
  AGENT_PLATFORM_LEASE_SECONDS: {
    schema: z.coerce.number().min(1).max(3600).default(15),
    help: 'How long an executor may be silent before others take its runs.',
    example: '15',
  },
  AGENT_PLATFORM_MAX_EFFECTS: { schema: z.coerce.number().int().min(1).default(1000), help: 'Effects under way at once in one executor.', example: '1000' },
  AGENT_PLATFORM_MAX_ACTIVE: { schema: z.coerce.number().int().min(1).default(2000), help: 'Runs worked on at once in one executor.', example: '2000' },
  AGENT_PLATFORM_POOL: { schema: z.coerce.number().int().min(1).max(100).default(8), help: 'Postgres connections of one process.', example: '8' },
  AGENT_PLATFORM_ALLOW_UNSAFE_POSTGRES: {
    schema: flag.default(false),
    help: 'Start although Postgres does not sync its commits. Never in production.',
    example: 'false',
  },
  AGENT_PLATFORM_LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    help: 'Least severe log line that is written.',
    example: 'info',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The values of a table of settings. */
type Values<T extends Readonly<Record<string, Setting>>> = { readonly [K in keyof T]: z.output<T[K]['schema']> };
export type Config = Values<typeof SETTINGS>;

/** Reads and checks what the roles need. Throws as `readSettings` does. */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Config => readSettings(SETTINGS, env);

/**
 * Reads the variables of a table; an empty one counts as absent. Throws Failure('invalid', 'bad-config') that names
 * every mistake, one a line; `label` says how a variable is called there, if it came from elsewhere.
 */
export function readSettings<const T extends Readonly<Record<string, Setting>>>(
  table: T,
  env: NodeJS.ProcessEnv,
  label = (name: string): string => name,
): Values<T> {
  const errors: { readonly field: string; readonly rule: string; readonly remedy: string }[] = [];
  const entries = Object.entries(table).map(([name, setting]) => {
    const remedy = `${setting.help}${setting.example === '' ? '' : ` Example: ${setting.example}`}`;
    let value: string | undefined;
    try {
      value = env[name] || (setting.secret ? fromFile(env[`${name}_FILE`]) : undefined);
    } catch (error) {
      errors.push({ field: `${label(name)}_FILE`, rule: `the file can't be read (${(error as NodeJS.ErrnoException).code})`, remedy });
      return [name, undefined];
    }
    const parsed = setting.schema.safeParse(value);
    if (parsed.success) return [name, parsed.data];
    errors.push({ field: label(name), rule: value === undefined ? 'is missing' : (schemaFields(parsed.error)[0]?.rule ?? 'is not valid'), remedy });
    return [name, undefined];
  });
  if (errors.length === 0) return Object.fromEntries(entries) as Values<T>;
  const lines = errors.map(({ field, rule, remedy }) => `  ${field}: ${rule}. ${remedy}`).join('\n');
  throw new Failure('invalid', 'bad-config', `The settings are not right:\n${lines}`, { errors });
}

const fromFile = (path: string | undefined): string | undefined => (path ? readFileSync(path, 'utf8').trim() || undefined : undefined);
