import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { NodeError } from './node.ts';
import { nodeError } from './outcome.ts';
import { asText } from './render.ts';
import { isObject } from './tool.call.ts';

/** A token of RFC 9110. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** Printable, tabs and Latin-1: what a header line can hold. A line break would begin another header. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

type Sent = { headers: { [name: string]: string }; body?: string };

/**
 * Rendered headers and body as they are sent. A header whose value is null is left out. The body is JSON, unless a content
 * type says that it is something else: then a text is sent as it is, and an object as a form where the type is that of one.
 */
export function renderHeaders(rendered: JsonObject, body: JsonValue | undefined): Sent | { readonly failed: NodeError } {
  const headers: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(rendered)) {
    if (value === null) continue;
    const text = asText(value).trim();
    if (!NAME.test(name)) return { failed: nodeError('tool-header-invalid', `"${name}" can't be the name of a header; use letters, digits and "-".`) };
    if (!VALUE.test(text))
      return { failed: nodeError('tool-header-invalid', `The value of header "${name}" has a line break or a character that headers can't hold; remove it.`) };
    headers[name] = text;
  }
  if (body === undefined) return { headers };
  const type = headers['content-type'] ?? 'application/json';
  const raw = typeof body === 'string' && !/\bjson\b/i.test(type);
  const form = /^application\/x-www-form-urlencoded\b/i.test(type) && isObject(body) ? formOf(body) : null;
  return { headers: { ...headers, 'content-type': type }, body: form ?? (raw ? body : JSON.stringify(body)) };
}

/** Lists become repeated fields, and null none; what is deeper is JSON. */
function formOf(body: JsonObject): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body))
    for (const each of Array.isArray(value) ? value : [value]) if (each !== null) form.append(name, asText(each));
  return form.toString();
}
