import { z } from 'zod';

/** JSON Schemas by name, that refer to each other under `#/components/schemas/`. */
export type Components = Record<string, object>;

const ROOT = '#/components/schemas/';
const SHARED = `${ROOT}__shared#/definitions/`;

/**
 * Schemas as draft-7 components. zod puts what several of them use into one place of its own (`__shared`), which no
 * reader of the document would find: they become components too. What is shared has another shape on the way in (defaults
 * may be missing) than on the way out, so those of inputs get names of their own.
 */
export function toComponents(schemas: ReadonlyMap<string, z.ZodType>, io: 'input' | 'output'): Components {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of schemas) registry.add(schema, { id });
  const generated = z.toJSONSchema(registry, { uri: (id) => ROOT + id, target: 'draft-7', io });
  const shared = (id: string) => (io === 'input' ? `Input.${id}` : id);
  const text = JSON.stringify(generated.schemas, (key, value: unknown) => {
    if (key === '$id' || key === '$schema') return undefined;
    return typeof value === 'string' && value.startsWith(SHARED) ? ROOT + shared(value.slice(SHARED.length)) : value;
  });
  const { __shared, ...own } = JSON.parse(text) as Record<string, object>;
  const definitions = __shared && 'definitions' in __shared ? (__shared.definitions as Components) : {};
  return { ...own, ...Object.fromEntries(Object.entries(definitions).map(([id, schema]) => [shared(id), schema])) };
}
