import type { JsonObject, JsonValue } from '@agent-platform/contracts/kit/index';

/** `$$`, `${name}` or `$name`. Any other dollar stands for itself. */
const PLACE = /\$(?:(\$)|\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

/** A template of 200,000 characters could write a long parameter a hundred thousand times. */
const MOST_CHARACTERS = 1_000_000;

export type DollarText = { readonly text: string } | { readonly missing: readonly string[] } | { readonly tooLong: number };

/**
 * Fills `$name` and `${name}` with parameters, and `$$` with a dollar. Texts are written as they are, null as nothing,
 * everything else as JSON; what is written is not looked at again. All parameters that are missing are named.
 */
export function fillDollars(template: string, parameters: JsonObject): DollarText {
  const missing = new Set<string>();
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  const write = (part: string): void => {
    length += part.length;
    parts.push(part);
  };
  for (const place of template.matchAll(PLACE)) {
    const [whole, dollar, braced, bare] = place;
    write(template.slice(from, place.index));
    from = place.index + whole.length;
    const name = braced ?? bare ?? '';
    if (dollar !== undefined) write('$');
    else if (Object.hasOwn(parameters, name)) write(written(parameters[name]));
    else missing.add(name);
    if (length > MOST_CHARACTERS) return { tooLong: MOST_CHARACTERS };
  }
  if (missing.size > 0) return { missing: [...missing] };
  write(template.slice(from));
  return length > MOST_CHARACTERS ? { tooLong: MOST_CHARACTERS } : { text: parts.join('') };
}

const written = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
