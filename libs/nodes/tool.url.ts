import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { withoutCredentials } from '@agent-platform/kernel/secret-headers';
import type { NodeError } from './node.ts';
import { nodeError } from './outcome.ts';
import { asText } from './render.ts';

type Built = { readonly url: string } | { readonly failed: NodeError };

const bad = (message: string): { readonly failed: NodeError } => ({ failed: nodeError('tool-url-invalid', message) });

/**
 * Address of a call from rendered parts: `url` as it is, or base URL and path joined with exactly one slash. A path
 * can't leave its base, whatever values its templates got. The query is added to what the address already has.
 */
export function buildUrl(parts: { readonly url?: string; readonly base_url?: string; readonly path?: string; readonly query: JsonObject }): Built {
  const { base_url, path, query } = parts;
  if (!parts.url && !base_url) return bad('There is no address: give "url" or "base_url" on the node, the binding or the tool version.');
  const joined = parts.url ? whole(parts.url) : join(base_url ?? '', path ?? '');
  if ('failed' in joined) return joined;
  const { url } = joined;
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) if (each !== null) url.searchParams.append(name, asText(each));
  }
  url.hash = '';
  return { url: url.href };
}

/** Parts of an address whose host only the value of a secret says: they are joined at the moment of the call. */
export type LateUrl = { url?: string; base_url?: string; path?: string; query: JsonObject };

/** Whether the host in the template of an address, or all of it, is a secret. */
export const hidesHost = (template: string | undefined): boolean =>
  template !== undefined && /^\s*(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?[^/?#]*\{\{\s*secrets\./.test(template);

/** Such an address as far as it may be told. */
export const lateText = ({ url, base_url = '', path = '' }: LateUrl): string =>
  url || (path === '' ? base_url : `${base_url.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`);

type Joined = { readonly url: URL } | { readonly failed: NodeError };

function whole(text: string): Joined {
  if (!URL.canParse(text)) return bad(`"${withoutCredentials(text).slice(0, 500)}" is not a URL; write it whole, with https:// or http://.`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return bad('The URL holds a user name or password; send them in the header "authorization".');
  return { url };
}

function join(baseUrl: string, path: string): Joined {
  const parsed = whole(baseUrl);
  if ('failed' in parsed || path === '') return parsed;
  const { url: base } = parsed;
  const folder = `${base.origin}${base.pathname.replace(/\/+$/, '')}/`;
  const joined = whole(`${folder}${path.replace(/^\/+/, '')}`);
  if ('failed' in joined) return joined;
  // Compared after parsing: "..", "%2e" and backslashes have had their effect by now.
  if (!joined.url.href.startsWith(folder)) return bad(`The path "${path.slice(0, 500)}" leads out of the base URL; remove the "..".`);
  for (const [name, value] of base.searchParams) joined.url.searchParams.append(name, value);
  return joined;
}
