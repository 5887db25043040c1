import { LIMITS } from '@agent-platform/contracts/kit/index';

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that would make `$ref` mean something else than a place in the same document. */
const MOVING = ['$id', '$dynamicRef', '$recursiveRef'] as const;

/**
 * How often, at worst, a validator looks at one and the same value of the input. Alternatives that name each other
 * double the work with every step and a validator has no clock, so schemas from users are measured before use. An
 * upper bound: keywords that look at the same value are added up, members and items of different names are different
 * values, so only the dearest counts. Saturates above `limit`; what can't be measured (references to elsewhere, to
 * nothing, or to themselves without going into the input) is above it too.
 */
export function schemaCost(root: unknown, limit: number): number {
  const tooMuch = limit + 1;
  const known = new Map<object, number[]>();
  const open = new Map<object, number>();

  const of = (schema: unknown, levels: number): number => {
    if (typeof schema !== 'object' || schema === null) return 1;
    const costs = known.get(schema) ?? [];
    known.set(schema, costs);
    if (costs[levels] !== undefined) return costs[levels];
    if (open.get(schema) === levels) return tooMuch;
    const before = open.get(schema);
    open.set(schema, levels);
    const cost = Math.min(tooMuch, 1 + samePlace(schema as Schema, levels) + (levels > 0 ? inside(schema as Schema, levels - 1) : 0));
    if (before === undefined) open.delete(schema);
    else open.set(schema, before);
    costs[levels] = cost;
    return cost;
  };
  const sum = (schemas: readonly unknown[], levels: number): number =>
    schemas.reduce<number>((total, schema) => Math.min(tooMuch, total + of(schema, levels)), 0);
  const dearest = (schemas: readonly unknown[], levels: number): number => Math.max(0, ...schemas.map((schema) => of(schema, levels)));

  const samePlace = (schema: Schema, levels: number): number => {
    if (schema !== root && MOVING.some((keyword) => Object.hasOwn(schema, keyword))) return tooMuch;
    const { $ref, allOf, anyOf, oneOf, dependentSchemas, dependencies } = schema;
    const target = typeof $ref === 'string' ? pointed(root, $ref) : undefined;
    if (typeof $ref === 'string' && target === undefined) return tooMuch;
    const alternatives = [allOf, anyOf, oneOf, dependentSchemas, dependencies].flatMap(members);
    return sum(
      [target, schema['not'], schema['if'], schema['then'], schema['else'], ...alternatives].filter((each) => each !== undefined),
      levels,
    );
  };

  const inside = (schema: Schema, levels: number): number => {
    const { properties, additionalProperties, patternProperties, unevaluatedProperties, propertyNames } = schema;
    const { prefixItems, items, unevaluatedItems, contains } = schema;
    const object =
      dearest([...members(properties), additionalProperties], levels) + sum([...members(patternProperties), unevaluatedProperties, propertyNames], levels);
    const list = dearest([...members(prefixItems), items], levels) + sum([unevaluatedItems, contains], levels);
    return Math.max(object, list);
  };

  try {
    return of(root, LIMITS.jsonDepth);
  } catch (thrown) {
    // References chained deeper than the call stack.
    if (thrown instanceof RangeError) return tooMuch;
    throw thrown;
  }
}

const members = (value: unknown): readonly unknown[] => (typeof value === 'object' && value !== null ? Object.values(value) : []);

/** The place in the document that a reference like `#/$defs/order` names; undefined for any other reference. */
function pointed(root: unknown, reference: string): unknown {
  if (reference === '#') return root;
  if (!reference.startsWith('#/') || /%(?![0-9a-f]{2})/i.test(reference)) return undefined;
  let at = root;
  for (const step of reference.slice(2).split('/')) {
    const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

const decoded = (step: string): string => {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
};
