import { storable, storableText } from '@agent-platform/kernel/index';
import type { HttpResponse } from '@agent-platform/ports/index';
import { isSuccess, statusError } from './http-answer.ts';
import type { NodeEnd } from './node.ts';
import { failed } from './outcome.ts';

/** What was called, as the output names it. Ids only: configs may hold secrets. */
export type ToolMetadata = {
  tool: { id: string; code: string; name: string } | null;
  version: { id: string; number: number } | null;
  binding: { id: string } | null;
  tool_binding_id: string | null;
};

/** Headers of an answer worth keeping; others (cookies, traces of proxies) are nobody's business. */
const KEPT = ['content-type', 'content-language', 'etag', 'last-modified', 'location', 'link', 'retry-after', 'x-request-id'] as const;

export function answered(response: HttpResponse, request: { method: string; url: string }, metadata: ToolMetadata, repeatable: boolean): NodeEnd {
  if (!isSuccess(response)) return failed(statusError(response, `${request.method} ${withoutQuery(request.url)}`, { repeatable }));
  const { value: text, changes } = storableText(response.text);
  const headers = Object.fromEntries(KEPT.flatMap((name) => (response.headers[name] === undefined ? [] : [[name, response.headers[name]]])));
  const json = parsed(response);
  const read = json === undefined ? { text } : { json: storable(json).value };
  const cut = response.truncated || (changes.size_cut ?? 0) > 0;
  const answer = { status: response.status, headers, ...read, ...(cut && { truncated: true }) };
  return { status: 'completed', output_json: storable({ ...metadata, request, response: answer }).value, output_text: text };
}

/** JSON by its content type; without one, or as plain text, when it looks like an object or a list. */
function parsed(response: HttpResponse): unknown {
  const type = response.headers['content-type'] ?? 'text/plain';
  if (!/\bjson\b/i.test(type) && !(/^text\/plain\b/i.test(type) && /^\s*[[{]/.test(response.text))) return undefined;
  try {
    return JSON.parse(response.text);
  } catch {
    return undefined;
  }
}

/** The query may hold what the error's readers must not see. */
const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? url;
