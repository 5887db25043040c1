/*
 * What a call brought back, without the secrets that it was made with: servers echo headers, and errors repeat requests.
 * A server may write a value otherwise than it got it, so the usual spellings are looked for, too; and it may be cut off
 * in the middle where an answer was cut, so the beginning of a value at the end of a text counts.
 */

/** Shorter ones would blot out words that only look like them. */
const SHORTEST = 8;
const BLOT = '***';

/** An outcome, or anything else of JSON, without the values that a call was made with. */
export function withoutSecrets<T>(outcome: T, opened: readonly string[]): T {
  const parts = [...new Set(opened.flatMap(spellings))].filter((text) => text.length >= SHORTEST).toSorted((one, two) => two.length - one.length);
  if (parts.length === 0) return outcome;
  const before = JSON.stringify(outcome);
  const after = parts.reduce((text, part) => text.replaceAll(escaped(part), BLOT), before);
  const whole = after === before ? outcome : (JSON.parse(after) as T);
  // Most texts end with the end of what they say.
  return parts.some((part) => after.includes(escaped(part.slice(0, SHORTEST)))) ? (withoutTails(whole, parts) as T) : whole;
}

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Ways in which programs write a value. Of "Bearer <token>" the token alone may come back. */
function spellings(value: string): readonly string[] {
  const plain = [...new Set([value, value.replace(/^\S+\s+/, ''), ...partsOfCredentials(value), ...partsOfUrl(value)])];
  return plain.flatMap((text) => {
    const encoded = encodeURIComponent(text.toWellFormed());
    const form = encoded.replaceAll('%20', '+').replaceAll(/[!'()~*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
    const json = escaped(text);
    const ascii = json.replaceAll(/[^\u0020-\u007e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
    const inJson = [json, escaped(json), ascii, ascii.replaceAll('/', '\\/'), json.replaceAll('/', '\\/')];
    const inUrl = [encoded, form, encodeURI(text.toWellFormed()), encoded.replaceAll(/%[0-9A-F]{2}/g, (one) => one.toLowerCase())];
    return [
      text,
      ...inJson,
      ...inUrl,
      html,
      html.replaceAll("'", '&#39;'),
      html.replaceAll("'", '&#x27;'),
      ...inBase64(text),
      Buffer.from(text).toString('hex'),
    ];
  });
}

/** A server that understands basic credentials or cookies may say what it understood. */
function partsOfCredentials(value: string): readonly string[] {
  const basic = /^basic\s+([\w+/=-]+)$/i.exec(value)?.[1];
  const pair = basic === undefined ? null : Buffer.from(basic, 'base64').toString('utf8');
  const cookies = /^[\w-]+=/.test(value) ? value.split(';').map((one) => one.slice(one.indexOf('=') + 1).trim()) : [];
  return pair === null ? cookies : [pair, pair.slice(pair.indexOf(':') + 1)];
}

/** A secret may be a whole address: whoever is called under it knows its parts. */
function partsOfUrl(value: string): readonly string[] {
  const url = /^https?:/i.test(value) ? URL.parse(value) : null;
  if (!url) return value.toLowerCase() === value || !/^[\w.-]+$/.test(value) ? [] : [value.toLowerCase()];
  const { href, host, hostname, pathname, search } = url;
  return [href, href.replace(/\/$/, ''), `${pathname}${search}`, pathname.slice(1), search.slice(1), ...pathname.split('/'), host, hostname];
}

/** The part of a text's base64 that is the same whatever stands before and after it, at each of the three places it may begin. */
function inBase64(text: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const known = bytes.length - (bytes.length % 3);
    const base64 = bytes
      .subarray(0, known)
      .toString('base64')
      .slice(before === 0 ? 0 : 4);
    return [base64, base64.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function withoutTails(value: unknown, parts: readonly string[]): unknown {
  if (typeof value === 'string') return withoutTail(value, parts);
  if (Array.isArray(value)) return value.map((one) => withoutTails(one, parts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutTails(one, parts)]));
}

function withoutTail(text: string, parts: readonly string[]): string {
  for (const part of parts) {
    const at = text.indexOf(part.slice(0, SHORTEST), Math.max(0, text.length - part.length));
    if (at !== -1 && part.startsWith(text.slice(at))) return text.slice(0, at) + BLOT;
  }
  return text;
}
