import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import type { NodeError } from './node.ts';
import { nodeError } from './outcome.ts';
import { asText } from './render.ts';

type Built = { readonly url: string } | { readonly failed: NodeError };

const bad = (message: string): Built => ({ failed: nodeError('tool-url-invalid', message) });

/**
 * Address of a call from rendered parts: `url` as it is, or base URL and path joined with exactly one slash. A path
 * can't leave its base, whatever values its templates got. The query is added to what the address already has.
 */
export function buildUrl(parts: { readonly url?: string; readonly base_url?: string; readonly path?: string; readonly query: JsonObject }): Built {
  const { base_url, path, query } = parts;
  if (!parts.url && !base_url) return bad('There is no address: give "url" or "base_url" on the node, the binding or the tool version.');
  const given = parts.url || join(base_url ?? '', path ?? '');
  if (!URL.canParse(given)) return bad(`"${given.slice(0, 500)}" is not a URL; write it whole, with https:// or http://.`);
  const url = new URL(given);
  if (!parts.url && base_url && !isBelow(url, new URL(base_url))) return bad(`The path "${(path ?? '').slice(0, 500)}" leads out of the base URL; remove the "..".`);
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== null) url.searchParams.append(name, asText(each as JsonValue));
  }
  url.hash = '';
  return { url: url.href };
}

const join = (base: string, path: string): string => (path === '' ? base : `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`);

function isBelow(url: URL, base: URL): boolean {
  const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  return url.origin === base.origin && (url.pathname === base.pathname || url.pathname.startsWith(folder));
}
