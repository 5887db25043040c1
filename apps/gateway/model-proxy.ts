import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Agent, request as send, type Dispatcher } from 'undici';
import type { Problem } from '@agent-platform/contracts/kit/index';
import { Failure } from '@agent-platform/kernel/index';
import { LONG } from './pressure.ts';
import { installProblems } from './problem-reply.ts';
import { closedBy } from './run-end.ts';

/** Hop-by-hop (RFC 9110, 7.6.1), and what belongs to this connection or to the browser. */
const NOT_SENT = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
  'cookie',
  'x-request-id',
]);
const NOT_ANSWERED = new Set([...NOT_SENT, 'set-cookie']);

const BODY_BYTES = 8_000_000;
/** A little more patience than the model gateway has with its provider, so that its answer comes first. */
const SILENCE_MS = 310_000;

/**
 * Hands `/models/...` on to the model gateway: method, query, body, status, content type and the stream as they come.
 * A caller that goes away ends the call upstream too.
 */
export function mountModelProxy(app: FastifyInstance, prefix: string, baseUrl: string, closing: AbortSignal): void {
  const dispatcher = new Agent({ headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS });
  app.addHook('onClose', () => dispatcher.close());
  void app.register(async (scope) => {
    installProblems(scope, asOpenAiError);
    scope.removeAllContentTypeParsers();
    // The body is passed through unread.
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const url of ['/models', '/models/*']) {
      scope.route({
        method: ['GET', 'POST', 'DELETE'],
        url,
        bodyLimit: BODY_BYTES,
        ...LONG,
        handler: async (request, reply) => forward(request, reply, targetOf(request, prefix, baseUrl), dispatcher, closing),
      });
    }
  });
}

/** The gateway's own refusals are problems, and read by OpenAI's clients like those of the model gateway. */
const asOpenAiError = ({ detail, status, code }: Problem) => ({
  error: { message: detail, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code },
});

/** The same path behind the prefix; nothing outside /models can be reached with dots or encoded slashes. */
function targetOf(request: FastifyRequest, prefix: string, baseUrl: string): URL {
  const target = new URL(request.url.slice(prefix.length), baseUrl);
  if (target.origin === new URL(baseUrl).origin && /^\/models(?:$|\/)/.test(target.pathname) && !/%2f|%5c|%2e/i.test(target.pathname)) return target;
  throw new Failure('missing', 'route-unknown', 'There is no such route under /models.');
}

async function forward(request: FastifyRequest, reply: FastifyReply, target: URL, dispatcher: Dispatcher, closing: AbortSignal): Promise<FastifyReply> {
  const signal = AbortSignal.any([closedBy(reply), closing]);
  const upstream = await send(target, {
    method: request.method,
    headers: { ...pick(request.headers, NOT_SENT), 'x-request-id': request.id },
    body: (request.body as Readable | undefined) ?? null,
    dispatcher,
    signal,
  }).catch((cause: unknown) => {
    if (signal.aborted) return null;
    throw new Failure('transient', 'model-gateway-unavailable', 'The model gateway does not answer; try again shortly.', { cause, retryAfterSeconds: 1 });
  });
  // Nobody is there to read an answer.
  if (upstream === null) return reply.hijack();
  return reply.code(upstream.statusCode).headers(pick(upstream.headers, NOT_ANSWERED)).send(upstream.body);
}

const pick = (headers: Readonly<Record<string, string | string[] | undefined>>, leaveOut: ReadonlySet<string>): Record<string, string | string[]> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined || leaveOut.has(name) ? [] : [[name, value]])));
