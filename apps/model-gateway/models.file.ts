import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';
import { Price } from './usage.price.ts';

/** The model that is in this process: a target of its own, without a provider. */
export const BUILT_IN = 'offline';

const Milliseconds = z.int().min(1).max(3_600_000);

/** How calls to one provider are made. Times are in milliseconds. */
export const Handling = z.strictObject({
  /** Calls under way at once; further ones wait in a queue of `queue`, then are refused with 429. */
  concurrency: z.int().min(1).max(10_000).default(64),
  queue: z.int().min(0).max(100_000).default(256),
  /** Longest call, streams included, and longest silence before and inside an answer. */
  timeout_ms: Milliseconds.default(600_000),
  silence_ms: Milliseconds.default(300_000),
  /** Further attempts after 429, 5xx and lost connections; a wait longer than `retry_wait_ms` is left to the caller. */
  retries: z.int().min(0).max(10).default(2),
  retry_wait_ms: z.int().min(0).max(60_000).default(2_000),
  /** After so many failures in a row nothing is sent for `open_ms`. */
  breaker: z.strictObject({ failures: z.int().min(1).max(1000).default(5), open_ms: Milliseconds.default(30_000) }).prefault({}),
});
export type Handling = z.output<typeof Handling>;

const Provider = Handling.extend({
  base_url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address such as https://api.openai.com/v1' })
    .transform((url) => url.replace(/\/+$/, '')),
  /** Name of the environment variable that holds the key: keys never stand in the file. */
  api_key_env: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/, 'must be the name of an environment variable, not the key itself')
    .optional(),
});

const Target = z.string().regex(/^(?:offline|[a-z0-9_-]+\/.+)$/, `must be "<provider>/<model>", or "${BUILT_IN}" for the built-in model`);

/** Which model is asked where: the file that AGENT_PLATFORM_MODELS_FILE names. */
const ModelsFile = z
  .strictObject({
    providers: z.record(z.string().regex(/^[a-z0-9_-]{1,40}$/, 'must be 1 to 40 lower-case letters, digits, "-" or "_"'), Provider).default({}),
    /** Name that callers use, to where it is asked: in this order, until one answers. */
    models: z.record(z.string().min(1).max(200), z.array(Target).min(1).max(10)).default({}),
    /** Of models by name, or as `<provider>/<model>`; they count before the public list. */
    prices: z.record(z.string().min(1).max(300), Price).default({}),
    /** Of models by name: how long their answers are given again to the same request. Absent: only when the request says so. */
    cache_seconds: z.record(z.string().min(1).max(200), z.int().min(0).max(2_592_000)).default({}),
    /** Model of requests that name none. */
    default_model: z.string().min(1).max(200).optional(),
    /** Who is asked for models that are not listed; absent: nobody. */
    default_provider: z.string().optional(),
  })
  .superRefine((file, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const known = Object.keys(file.providers).join(', ') || 'none';
    for (const [name, targets] of Object.entries(file.models)) {
      for (const [at, target] of targets.entries()) {
        const provider = target.split('/')[0] ?? '';
        if (target !== BUILT_IN && !file.providers[provider]) issue(['models', name, at], `names the provider "${provider}"; there are: ${known}`);
      }
    }
    if (file.default_provider !== undefined && !file.providers[file.default_provider])
      issue(['default_provider'], `names the provider "${file.default_provider}"; there are: ${known}`);
    if (file.default_provider === undefined && Object.keys(file.models).length === 0) issue(['models'], 'must name a model, or set default_provider');
    for (const name of Object.keys(file.cache_seconds)) {
      if (!file.models[name] && file.default_provider === undefined)
        issue(['cache_seconds', name], `is not one of the models: ${Object.keys(file.models).join(', ')}`);
    }
    if (file.default_model !== undefined && !file.models[file.default_model] && file.default_provider === undefined)
      issue(['default_model'], `is not one of the models: ${Object.keys(file.models).join(', ')}`);
  });

export interface ProviderRoute extends Handling {
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** Where a call can go: a model of a provider, or the built-in one (`provider` null). */
export interface Target {
  readonly provider: string | null;
  readonly model: string;
}

/** The file, checked, with the keys. */
export interface Routing {
  readonly providers: Readonly<Record<string, ProviderRoute>>;
  readonly models: Readonly<Record<string, readonly Target[]>>;
  readonly defaultModel: string;
  readonly defaultProvider: string | null;
  readonly prices: Readonly<Record<string, Price>>;
  readonly cacheSeconds: Readonly<Record<string, number>>;
}

/** Reads a file of models, YAML or JSON. Throws Failure('invalid', 'bad-config') that names every field, its rule and the remedy. */
export function readModelsFile(path: string, env: NodeJS.ProcessEnv): Routing {
  const problem = (lines: readonly string[], cause?: unknown) =>
    new Failure('invalid', 'bad-config', `The models in ${path} (AGENT_PLATFORM_MODELS_FILE) are not right:\n${lines.map((line) => `  ${line}`).join('\n')}`, {
      cause,
    });
  let raw: unknown;
  try {
    raw = load(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw problem([`file: can't be read: ${cause instanceof Error ? cause.message.split('\n')[0] : ''}. Name a file of YAML or JSON.`], cause);
  }
  const parsed = ModelsFile.safeParse(raw);
  if (!parsed.success) {
    throw problem(
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}. See the README of apps/model-gateway for an example.`),
    );
  }
  const { providers, models, prices, cache_seconds, default_model, default_provider } = parsed.data;
  const missing = Object.entries(providers).filter(([, { api_key_env }]) => api_key_env !== undefined && !env[api_key_env]);
  if (missing.length > 0) {
    throw problem(
      missing.map(([name, { api_key_env }]) => `providers.${name}.api_key_env: the variable ${api_key_env} is not set. Set it, or leave the field out.`),
    );
  }
  const first = Object.keys(models)[0];
  return {
    providers: Object.fromEntries(
      Object.entries(providers).map(([name, { base_url, api_key_env, ...handling }]) => [
        name,
        { ...handling, baseUrl: base_url, apiKey: (api_key_env === undefined ? undefined : env[api_key_env]) ?? '' },
      ]),
    ),
    models: Object.fromEntries(Object.entries(models).map(([name, targets]) => [name, targets.map(targetOf)])),
    defaultModel: default_model ?? first ?? 'gpt-4o-mini',
    defaultProvider: default_provider ?? null,
    prices,
    cacheSeconds: cache_seconds,
  };
}

function targetOf(text: string): Target {
  if (text === BUILT_IN) return { provider: null, model: BUILT_IN };
  const slash = text.indexOf('/');
  return { provider: text.slice(0, slash), model: text.slice(slash + 1) };
}
