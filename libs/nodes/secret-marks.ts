import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';
import { compileTemplate } from '@agent-platform/graph/index';
import type { EffectNode, NodeError, NodeScope } from './node.ts';
import { nodeError } from './outcome.ts';

/*
 * A request is recorded before it is made, and must not hold the values of secrets. So `{{ secrets.token }}` is rendered
 * as a mark, `*secrets.token*`, which the executor replaces by the value at the moment of the call. A mark must come from
 * a template and from nowhere else: whoever could bring one in by a run's input or a server's answer would be sent the
 * secret. So its beginning is chosen for each request such that nothing else in the request has it.
 */

/** Marks are made of characters that URLs and JSON leave as they are. */
const markStart = (attempt: number): string => `*secrets${attempt === 0 ? '' : String(attempt)}.`;

/** Member of a recorded request that says how its marks begin. */
const MARK = 'secret_mark';

type Failed = { readonly failed: NodeError };

/** The request of a node, with marks in the places of secrets, and the secrets that its configs name. */
export function requestWithMarks<C>(node: EffectNode<C>, config: C, scope: NodeScope): JsonValue | Failed {
  const tools = (node.tools?.(config) ?? []).length === 0 ? [] : Object.values(scope.tools ?? {});
  const found = secretsNamed([config, ...tools]);
  if ('failed' in found || found.names.length === 0) return 'failed' in found ? found : node.request(config, scope);
  const named = (text: (name: string) => string): JsonObject => Object.fromEntries(found.names.map((name) => [name, text(name)]));
  const plain = node.request(config, { ...scope, secrets: named(() => 'x') });
  if (isFailed(plain)) return plain;
  const text = JSON.stringify(plain);
  let attempt = 0;
  while (text.includes(markStart(attempt))) attempt++;
  const start = markStart(attempt);
  const request = node.request(config, { ...scope, secrets: named((name) => `${start}${name}*`) });
  // Effects ask with objects.
  return isFailed(request) ? request : { ...(request as JsonObject), [MARK]: start };
}

const isFailed = (request: JsonValue | Failed): request is Failed => typeof request === 'object' && request !== null && 'failed' in request;

/** Names in `{{ secrets.<name> }}` of all texts of a value. A filter would change the mark instead of the secret. */
function secretsNamed(values: readonly unknown[]): { readonly names: readonly string[] } | Failed {
  const names = new Set<string>();
  const open = [...values];
  for (let at = open.pop(); at !== undefined || open.length > 0; at = open.pop()) {
    if (typeof at === 'object' && at !== null) open.push(...Object.values(at));
    if (typeof at !== 'string' || !at.includes('secrets') || !at.includes('{{')) continue;
    const compiled = compileTemplate(at);
    // One that doesn't parse fails when it is rendered, with its place.
    for (const part of 'error' in compiled ? [] : compiled.template.parts) {
      if (typeof part === 'string' || !('steps' in part.head) || part.head.steps[0] !== 'secrets') continue;
      const [, name, ...more] = part.head.steps;
      if (name === undefined || more.length > 0 || part.filters.length > 0) {
        return {
          failed: nodeError('secret-reference', `"{{ ${part.head.steps.join('.')} … }}": write {{ secrets.<name> }}, without filters or further steps.`),
        };
      }
      names.add(name);
    }
  }
  return { names: [...names] };
}

/** How the marks of a recorded request begin; null when it has none. */
export const markOf = (request: JsonValue): string | null =>
  typeof request === 'object' && request !== null && !Array.isArray(request) && typeof request[MARK] === 'string' ? request[MARK] : null;

/** Nothing but marks, perhaps after the name of a scheme as in "Bearer …": safe to be recorded. */
export const isReference = (text: string, mark: string): boolean => replaceMarks(text.replace(/^[A-Za-z]+ +/, ''), mark, () => '') === '';

/** Names of the secrets that a recorded request needs. */
export function namesIn(request: JsonValue, mark: string): readonly string[] {
  const names = new Set<string>();
  replaceMarks(JSON.stringify(request), mark, (name) => {
    names.add(name);
    return '';
  });
  return [...names];
}

/**
 * The request with the values in it, and every spelling of a value that is in it. As `shown` it has what may be told of the
 * request: the same with references.
 */
export function fillRequest(
  node: EffectNode,
  recorded: JsonValue,
  mark: string,
  values: ReadonlyMap<string, string>,
): { readonly request: JsonValue; readonly used: readonly string[] } | Failed {
  const { [MARK]: _, ...request } = recorded as JsonObject;
  const used = new Set<string>(values.values());
  const filled = node.fill?.(request, (text, encode = (value) => value) =>
    replaceMarks(text, mark, (name) => {
      const written = encode(values.get(name) ?? '');
      used.add(written);
      return written;
    }),
  );
  if (filled === undefined || namesIn(filled, mark).length > 0)
    return { failed: nodeError('secret-misplaced', 'A secret stands where none can: use {{ secrets.<name> }} in address, query, headers and body.') };
  return { request: { ...(filled as JsonObject), shown: shownOf(request, mark) }, used: [...used] };
}

/** The request for people: with its references instead of marks. */
const shownOf = (request: JsonObject, mark: string): JsonObject =>
  JSON.parse(replaceMarks(JSON.stringify(request), mark, (name) => `{{ secrets.${name} }}`)) as JsonObject;

const NAME = /^[A-Za-z0-9_-]{1,64}(?=\*)/;

/** The text with every mark replaced. Total and linear; what only begins like a mark stays. */
function replaceMarks(text: string, start: string, by: (name: string) => string): string {
  const [head = '', ...rest] = text.split(start);
  return rest.reduce((done, part) => {
    const name = NAME.exec(part)?.[0];
    return name === undefined ? `${done}${start}${part}` : `${done}${by(name)}${part.slice(name.length + 1)}`;
  }, head);
}
