import { classify } from './classify.ts';
import { summarize } from './extract.ts';

type Schema = Readonly<Record<string, unknown>>;

/** A recursive schema would never end: how deep it is followed, and how many values are made at most. */
const DEEPEST = 12;
const MOST_VALUES = 1_000;

interface Filling {
  readonly text: string;
  readonly root: Schema;
  left: number;
}
const EMAIL = /[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,60})+/;
const DATE = /\b\d{4}-\d{2}-\d{2}\b/;
const TIME = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})/;
const URL = /https?:\/\/[^\s"'<>)]+/;
/** Not the 17 of A-17. */
const NUMBER = /(?<![\w.-])-?\d+(?:\.\d+)?/;
/** Such as A-17, for fields that are called so. */
const CODE = /(?<![\w-])(?=[A-Za-z_-]{0,20}\d)[\w-]{2,40}/;
const NAMES_A_CODE = /(?:^|_)(?:id|code|number|no|sku|ref|reference)$/i;
const DENIED = /\b(?:no|not|never|none|without)\b|n't\b/i;

/**
 * A value of a JSON Schema (the subset that structured output allows), made of a text: enumerations are classified,
 * fields are looked for behind their name ("city: Oslo"), then by their format. All properties are filled.
 */
export const fillSchema = (schema: unknown, text: string): unknown => fill(asSchema(schema), '', { text, root: asSchema(schema), left: MOST_VALUES }, 0);

const asSchema = (value: unknown): Schema => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {});

function fill(given: Schema, name: string, filling: Filling, depth: number): unknown {
  const { text, root } = filling;
  if (depth > DEEPEST || filling.left-- <= 0) return null;
  const schema = resolved(given, root);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return choose(schema['enum'], behind(name, text) ?? text);
  const type = Array.isArray(schema['type']) ? schema['type'].find((one) => one !== 'null') : schema['type'];
  switch (type ?? ('properties' in schema ? 'object' : undefined)) {
    case 'object':
      return Object.fromEntries(Object.entries(asSchema(schema['properties'])).map(([key, one]) => [key, fill(asSchema(one), key, filling, depth + 1)]));
    case 'array': {
      const count = Math.min(typeof schema['minItems'] === 'number' ? schema['minItems'] : 1, 20);
      return Array.from({ length: count }, () => fill(asSchema(schema['items']), name, filling, depth + 1));
    }
    case 'integer':
    case 'number':
      return numberOf(schema, type === 'integer', behind(name, text) ?? text);
    case 'boolean':
      return !DENIED.test(behind(name, text) ?? text);
    case 'null':
      return null;
    default:
      return textOf(schema, name, text);
  }
}

/** Follows a reference inside the document, and takes the first alternative that is not null. */
function resolved(schema: Schema, root: Schema): Schema {
  const ref = schema['$ref'];
  if (typeof ref === 'string' && ref.startsWith('#')) {
    let at: unknown = root;
    for (const key of ref.slice(1).split('/').slice(1)) at = asSchema(at)[key];
    return at === schema ? {} : asSchema(at);
  }
  const choices = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(choices) ? asSchema(choices.find((one) => asSchema(one)['type'] !== 'null')) : schema;
}

function choose(values: readonly unknown[], text: string): unknown {
  const label = classify(
    values.map((value) => ({ name: String(value), hint: '' })),
    text,
  );
  return values.find((value) => String(value) === label) ?? values[0];
}

function numberOf(schema: Schema, whole: boolean, text: string): number {
  const found = Number(NUMBER.exec(text)?.[0] ?? 0);
  const [least, most] = [schema['minimum'], schema['maximum']];
  const bounded = Math.min(Math.max(found, typeof least === 'number' ? least : found), typeof most === 'number' ? most : Number.MAX_SAFE_INTEGER);
  return whole ? Math.trunc(bounded) : bounded;
}

const FORMATS: Readonly<Record<string, RegExp>> = { email: EMAIL, date: DATE, 'date-time': TIME, uri: URL };

function textOf(schema: Schema, name: string, text: string): string {
  const format = FORMATS[String(schema['format'])]?.exec(text)?.[0];
  const code = NAMES_A_CODE.test(name) ? CODE.exec(text)?.[0] : undefined;
  const value = format ?? behind(name, text) ?? code ?? (summarize(text, 1) || text.trim());
  return typeof schema['maxLength'] === 'number' ? value.slice(0, schema['maxLength']) : value;
}

/** What stands behind "name:" or "name =", or behind "in" for a place, up to the end of the phrase. */
function behind(name: string, text: string): string | null {
  if (name === '') return null;
  const lower = text.toLowerCase();
  for (const word of new Set([name.toLowerCase(), name.toLowerCase().replaceAll(/[_-]/g, ' ')])) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1)) {
      const found = /^\s*(?:[:=]|is\b)\s*"?([^\n,;"]{1,200})/i.exec(text.slice(at + word.length, at + word.length + 300))?.[1];
      if (found) return found.replace(/[.!?]?\s*$/, '');
    }
  }
  if (!/^(?:city|location|place|country|town)$/i.test(name)) return null;
  return /\b(?:in|for|at|to)\s+(\p{Lu}[\p{L}-]*(?:\s\p{Lu}[\p{L}-]*)*)/u.exec(text)?.[1] ?? null;
}
