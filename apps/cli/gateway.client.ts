import { z } from 'zod';
import { Problem } from '@agent-platform/contracts/kit/index';
import { CliError, unavailable } from './cli.error.ts';
import { curlText, type FormPart } from './curl.text.ts';
import { EXIT, exitCodeOf } from './exit.code.ts';

export type Json = Readonly<Record<string, unknown>>;
export type Query = Readonly<Record<string, string | number | undefined>>;

const JsonBody = z.record(z.string(), z.unknown());
const PageBody = z.looseObject({ items: z.array(JsonBody), next_cursor: z.string().nullish() });
export type PageBody = z.output<typeof PageBody>;

/** Thrown instead of sending, with `--curl`. */
export class CurlInstead extends Error {
  override readonly name = 'CurlInstead';
}

export interface GatewayOptions {
  /** e.g. `http://127.0.0.1:8000` */
  readonly url: string;
  readonly workspace: string;
  /** Show the request as a curl command, don't send it. */
  readonly curl: boolean;
}

const LONGEST_MS = 150_000;

/** The gateway over HTTP. Refusals are thrown as CliError with the problem that came; no answer is `unavailable`. */
export class GatewayClient {
  readonly #options: GatewayOptions;
  readonly #base: string;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#base = options.url.replace(/\/+$/, '');
  }

  /** One thing. `path` stands under /api/v1. */
  async get(path: string, query: Query = {}): Promise<Json> {
    return this.#json(await this.#send('GET', path, query, undefined), JsonBody);
  }

  async list(path: string, query: Query = {}): Promise<PageBody> {
    return this.#json(await this.#send('GET', path, query, undefined), PageBody);
  }

  /** A form with files. */
  async upload(path: string, parts: readonly FormPart[]): Promise<Json> {
    return this.#json(await this.#send('POST', path, {}, parts), JsonBody);
  }

  async post(path: string, body: Json): Promise<Json> {
    return this.#json(await this.#send('POST', path, {}, body), JsonBody);
  }

  /** At the root, e.g. /ready: status and body, whatever the status is. */
  async probe(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    const response = await this.#fetch(`${this.#base}${path}`, { signal: AbortSignal.timeout(5_000) });
    return { status: response.status, body: await response.json().catch(() => null) };
  }

  /** An open stream of server-sent events. */
  async stream(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#send('GET', path, {}, undefined, { accept: 'text/event-stream', ...headers }, signal);
    if (!response.ok || !response.body) throw await problemOf(response);
    return response.body;
  }

  #send(
    method: string,
    path: string,
    query: Query,
    body: Json | readonly FormPart[] | undefined,
    more: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    const url = new URL(`${this.#base}/api/v1${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const form = isForm(body);
    const headers = { 'x-workspace-id': this.#options.workspace, ...(body && !form && { 'content-type': 'application/json' }), ...more };
    const text = form ? undefined : body && JSON.stringify(body);
    if (this.#options.curl) throw new CurlInstead(curlText(method, url.href, headers, form ? body : text));
    const sent = form ? formOf(body) : text;
    return this.#fetch(url.href, { method, headers, ...(sent !== undefined && { body: sent }), signal: signal ?? AbortSignal.timeout(LONGEST_MS) });
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (init.signal?.aborted && (init.signal.reason as { name?: string } | undefined)?.name !== 'TimeoutError') throw error;
      throw unavailable(
        `The gateway does not answer at ${this.#base}. Start the platform with "ap up" (or npm start), or name another address with --url or AGENT_PLATFORM_URL.`,
        error,
      );
    }
  }

  async #json<T extends z.ZodType>(response: Response, schema: T): Promise<z.output<T>> {
    if (!response.ok) throw await problemOf(response);
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new CliError({ title: 'Unexpected answer', detail: `${this.#base} answered something that is not of this platform. Check --url.` }, EXIT.failure);
  }
}

const isForm = (body: Json | readonly FormPart[] | undefined): body is readonly FormPart[] => Array.isArray(body);

function formOf(parts: readonly FormPart[]): FormData {
  const form = new FormData();
  for (const part of parts)
    if ('text' in part) form.append(part.name, part.text);
    else form.append('files', new Blob([part.bytes]), part.path);
  return form;
}

async function problemOf(response: Response): Promise<CliError> {
  const parsed = Problem.safeParse(await response.json().catch(() => undefined));
  const exit = exitCodeOf(response.status);
  return new CliError(
    parsed.success ? parsed.data : { title: `HTTP ${response.status}`, detail: `${response.url} answered ${response.status} ${response.statusText}.` },
    exit,
  );
}
