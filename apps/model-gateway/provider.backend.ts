import type { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import { z } from 'zod';
import type { Backend, BackendAnswer, BackendCall } from './backend.ts';
import type { ChatCompletionBody } from './chat.request.ts';
import { OpenAiError } from './openai.error.ts';

export interface ProviderSettings {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly silenceMs: number;
}

export type ProviderBackend = Pick<Backend, 'chat' | 'embeddings' | 'rerank' | 'models' | 'close'>;

/** Bytes of an answer in one piece. */
const WHOLE_BYTES = 64 * 1024 * 1024;

/** Headers of an answer that mean something to the caller. */
const PASSED = ['content-type', 'retry-after', 'retry-after-ms', 'x-request-id'];

/** Bytes of an error answer that are read. */
const ERROR_BYTES = 64 * 1024;

const ErrorBody = z.looseObject({ error: z.looseObject({ message: z.string() }) });

/**
 * Forwards to an OpenAI-compatible provider and adds the key, which is known nowhere else. A stream is passed through
 * as it arrives; an answer in one piece is read first, so that one that is cut or garbage is still an error with a status of
 * its own. An error keeps its status and comes in OpenAI's form whatever the provider sent. Nothing is retried here.
 */
export function createProviderBackend(settings: ProviderSettings): ProviderBackend {
  const base = new URL(settings.baseUrl);
  const agent = new Agent({ headersTimeout: settings.silenceMs, bodyTimeout: settings.silenceMs, allowH2: false });

  const forward = async (method: 'GET' | 'POST', path: string, body: object | null, { key, signal }: BackendCall): Promise<BackendAnswer> => {
    const headers: Record<string, string> = { accept: 'application/json, text/event-stream', 'accept-encoding': 'identity' };
    if (body) headers['content-type'] = 'application/json';
    if (settings.apiKey !== '') headers['authorization'] = `Bearer ${settings.apiKey}`;
    if (key !== undefined) headers['idempotency-key'] = key;
    const target = { origin: base.origin, path: base.pathname.replace(/\/$/, '') + path + base.search };
    const answer = await agent
      .request({ ...target, method, headers, body: body && JSON.stringify(body), signal })
      .catch((error: unknown) => Promise.reject(unreachable(settings.name, error, signal)));
    const passed = pass(answer.headers);
    if (answer.statusCode >= 300) return errorAnswer(answer.statusCode, passed, await readStart(answer.body), settings.apiKey);
    if (passed['content-type']?.includes('text/event-stream')) return { status: answer.statusCode, headers: passed, body: answer.body };
    const text = await readWhole(answer.body).catch((error: unknown) => Promise.reject(unreachable(settings.name, error, signal)));
    if (parseJson(text) === null) {
      throw new OpenAiError(502, 'provider_bad_answer', `The model provider "${settings.name}" answered something that is not JSON.`);
    }
    return { status: answer.statusCode, headers: { ...passed, 'content-type': 'application/json' }, body: text };
  };

  return {
    chat: (body, call) => forward('POST', '/chat/completions', limitNamedFor(base.hostname, body), call),
    embeddings: (body, call) => forward('POST', '/embeddings', body, call),
    rerank: (body, call) => forward('POST', '/rerank', body, call),
    models: (call) => forward('GET', '/models', null, call),
    close: () => agent.destroy(),
  };
}

/** OpenAI's newer models refuse `max_tokens`; other servers know it, and not all of them the newer name. */
export function limitNamedFor(hostname: string, body: ChatCompletionBody): object {
  const { max_tokens, ...rest } = body;
  if (max_tokens === undefined || rest['max_completion_tokens'] !== undefined || !/(?:^|\.)openai\.(?:azure\.)?com$/.test(hostname)) return body;
  return { ...rest, max_completion_tokens: max_tokens };
}

const pass = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(PASSED.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])));

function unreachable(name: string, cause: unknown, signal: AbortSignal): OpenAiError {
  if (cause instanceof OpenAiError) return cause;
  if (signal.aborted) return new OpenAiError(499, 'client_closed', 'The caller has gone.', { cause });
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /TIMEOUT/.test(code)
    ? new OpenAiError(504, 'provider_timeout', `The model provider "${name}" did not answer in time.`, { cause })
    : new OpenAiError(502, 'provider_unreachable', `The model provider "${name}" can not be reached, or broke off. Check its base URL.`, { cause });
}

async function readWhole(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > WHOLE_BYTES) throw new OpenAiError(502, 'provider_bad_answer', `The model provider's answer is longer than ${WHOLE_BYTES} bytes.`);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function readStart(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of body) {
      parts.push(part);
      size += part.length;
      if (size >= ERROR_BYTES) break;
    }
  } catch {
    // The status already says that it failed; what is readable of the reason is enough.
  }
  return Buffer.concat(parts).toString('utf8').slice(0, ERROR_BYTES);
}

/** The provider's error in OpenAI's form. Some servers echo the Authorization header: the key is blotted out. */
function errorAnswer(status: number, headers: Record<string, string>, text: string, apiKey: string): BackendAnswer {
  const safe = apiKey === '' ? text : text.replaceAll(apiKey, '***');
  // A redirect is a wrong base URL: following it would hand the key to another host.
  const shown = status < 400 ? 502 : status;
  const parsed = ErrorBody.safeParse(parseJson(safe));
  const body = parsed.success
    ? { error: { type: null, param: null, code: null, ...parsed.data.error } }
    : new OpenAiError(shown, 'provider_error', `The model provider answered ${status}${safe === '' ? '' : `: ${safe.slice(0, 300)}`}`).body;
  return { status: shown, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
