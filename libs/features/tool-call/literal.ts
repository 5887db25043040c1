import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';

/**
 * What a caller gives is data and no template, whatever it looks like: texts that would be rendered are replaced by places
 * of the state that hold them, because what a place brings in is not rendered again.
 */
export function literal(given: JsonObject): { readonly value: JsonObject; readonly state: JsonObject } {
  const state: JsonObject = {};
  const keep = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return value.includes('{{') ? place(value) : value;
    if (Array.isArray(value)) return value.map(keep);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, keep(each)]));
  };
  const place = (text: string): string => {
    const name = `text${Object.keys(state).length}`;
    state[name] = text;
    return `{{ state.${name} }}`;
  };
  // An object stays one.
  return { value: keep(given) as JsonObject, state };
}
