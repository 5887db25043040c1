import { Failure } from '@agent-platform/kernel/index';

const refuse = (field: string, rule: string): never => {
  throw new Failure('invalid', 'event-not-json', `${field} ${rule}; give strings, finite numbers, booleans, null, arrays and plain objects only`, {
    errors: [{ field, rule }],
  });
};

/** JSON.stringify would silently turn these into null or drop them, and what is read would differ from what was decided. */
function check(value: unknown, path: string): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value)) refuse(path, `is ${value}, which JSON can't hold`);
      return;
    case 'object':
      if (value === null) return;
      if (Array.isArray(value)) {
        for (let index = 0; index < value.length; index++) check(value[index], path);
        return;
      }
      if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null)
        refuse(path, `is a ${value.constructor.name}, not plain data`);
      for (const key in value) {
        const field: unknown = (value as Record<string, unknown>)[key];
        // An absent optional field is the one thing that may be undefined: it is absent in JSON too.
        if (field !== undefined) check(field, key);
      }
      return;
    default:
      refuse(path, `is a ${typeof value}, which JSON can't hold`);
  }
}

/**
 * JSON text of event data. It holds no raw control character (JSON escapes them, and lone surrogates too, by
 * ECMA-262 well-formed stringify), so lines and batches can be joined and split on control characters.
 * Throws Failure('invalid') for anything JSON can't hold.
 */
export function jsonText(data: unknown): string {
  try {
    check(data, 'data');
    return JSON.stringify(data);
  } catch (error) {
    if (error instanceof RangeError) return refuse('data', 'is nested too deeply');
    throw error;
  }
}

// oxlint-disable-next-line no-control-regex -- control characters are what this refuses
const CONTROL = /[\u0000-\u001f]/;

/** Text that travels in a joined column and in NATS headers: not empty, no control character, well-formed. */
export function plainText(value: string, field: string): string {
  if (value === '' || CONTROL.test(value) || !value.isWellFormed())
    throw new Failure('invalid', 'text-not-plain', `${field} must be text without control characters, and not empty`, {
      errors: [{ field, rule: 'no control characters, not empty' }],
    });
  return value;
}
