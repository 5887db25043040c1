import type { Dispatcher } from 'undici';
import type { HttpResponse } from '@agent-platform/ports/http.port';
import { openBodyReader, type BodyReader } from './body.reader.ts';
import { SendError } from './egress.failure.ts';

export interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/**
 * One request and its answer over `dispatcher`: no redirect, no retry. Rejects with SendError, whose cause is what
 * went wrong: the abort reason of `signal`, an error of the socket or the parser, or a refusal by the look-up.
 */
export function exchange(
  dispatcher: Dispatcher,
  { url, method, headers, body }: Exchange,
  { signal, bodyBytes, raw: asBytes = false }: { readonly signal: AbortSignal; readonly bodyBytes: number; readonly raw?: boolean },
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    let sent = false;
    let settled = false;
    let status = 0;
    let answerHeaders: Readonly<Record<string, string>> = {};
    let reader: BodyReader | undefined;
    let controller: Dispatcher.DispatchController | undefined;

    const settle = () => {
      settled = true;
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error) => {
      if (settled) return;
      settle();
      reader?.discard();
      controller?.abort(error);
      reject(new SendError(sent, error));
    };
    const onAbort = () => fail(signal.reason instanceof Error ? signal.reason : new Error('aborted'));

    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const options = { origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null };
    dispatcher.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        // Given up while the connection was being made: nothing has been written, and nothing will be.
        if (settled) started.abort(new Error('given up'));
        else sent = true;
      },
      onResponseStart(_controller, statusCode, raw) {
        if (statusCode < 200 || settled) return;
        status = statusCode;
        answerHeaders = flatten(raw);
        try {
          const kind = { encoding: answerHeaders['content-encoding'] ?? '', contentType: asBytes ? null : (answerHeaders['content-type'] ?? '') };
          reader = openBodyReader(kind, bodyBytes, {
            done: ({ bytes, text, truncated }) => {
              if (settled) return;
              settle();
              if (truncated) controller?.abort(new Error('body cut at the limit'));
              resolve({ status, headers: answerHeaders, text, truncated, ...(asBytes && { bytes }) });
            },
            fail,
            pace: (paused) => (paused ? controller?.pause() : controller?.resume()),
          });
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)));
        }
      },
      onResponseData: (_controller, chunk) => reader?.write(chunk),
      onResponseEnd: () => reader?.end(),
      onResponseError: (_controller, error) => fail(error),
    });
  });
}

/** Lower-case names; repeated ones joined. fromEntries defines own properties, so a header named __proto__ is data. */
const flatten = (raw: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(raw).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : (value ?? '')]));
