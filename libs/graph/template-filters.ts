import type { JsonValue } from '@agent-platform/contracts/kit/index';

/** A value inside a template; undefined is missing. */
export type Value = JsonValue | undefined;

/** Turns a value into text; counts what it writes, so that the work of a rendering is bounded. */
export type ToText = (value: Value) => string;

interface Filter {
  /** Null when the arguments are right, else what to write instead. */
  check(args: readonly JsonValue[]): string | null;
  apply(value: Value, args: readonly JsonValue[], text: ToText): Value;
}

const noArguments = (args: readonly JsonValue[]): string | null => (args.length === 0 ? null : 'This filter takes no arguments.');
const isCount = (value: JsonValue | undefined): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

const onText = (change: (text: string) => string): Filter => ({
  check: noArguments,
  apply: (value, _, text) => change(text(value)),
});

const itemAt = (index: 0 | -1): Filter => ({
  check: noArguments,
  apply: (value) => (Array.isArray(value) ? value.at(index) : undefined),
});

/** Cuts by code points: a half of a surrogate pair is never left behind. */
function truncate(text: string, count: number, mark: string): string {
  // Twice as many units as code points is always enough to look at.
  const points = Array.from(text.slice(0, (count + 1) * 2));
  return points.length <= count ? text : points.slice(0, count).join('') + mark;
}

const DATE_FORMATS: Readonly<Record<string, (date: Date) => string | number>> = {
  iso: (date) => date.toISOString(),
  date: (date) => date.toISOString().slice(0, 10),
  time: (date) => date.toISOString().slice(11, 19),
  datetime: (date) => `${date.toISOString().slice(0, 10)} ${date.toISOString().slice(11, 19)}`,
  unix: (date) => Math.floor(date.getTime() / 1000),
};

/** ISO 8601 with its offset, or a day: other spellings depend on the machine's time zone. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function dateOf(value: Value): Date | undefined {
  if (typeof value !== 'number' && !(typeof value === 'string' && INSTANT.test(value))) return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const table = {
  json: {
    check: noArguments,
    apply: (value, _, text) => (typeof value === 'string' ? text([value]).slice(1, -1) : value === undefined || value === null ? 'null' : text(value)),
  },
  upper: onText((text) => text.toUpperCase()),
  lower: onText((text) => text.toLowerCase()),
  trim: onText((text) => text.trim()),
  /** One segment of a path, or a value of a query: nothing in it ends either. */
  urlencode: onText((text) => encodeURIComponent(text.toWellFormed())),
  truncate: {
    check: ([count, mark, ...rest]) =>
      isCount(count) && (mark === undefined || typeof mark === 'string') && rest.length === 0
        ? null
        : 'Write truncate(80), or truncate(80, "…") to end a cut text with a mark.',
    apply: (value, [count, mark], text) => truncate(text(value), Number(count), typeof mark === 'string' ? mark : ''),
  },
  default: {
    check: (args) => (args.length === 1 ? null : 'Write default("text"), or a number, true, false or null.'),
    apply: (value, args) => (value === undefined || value === null || value === '' ? args[0] : value),
  },
  join: {
    check: ([separator, ...rest]) => ((separator === undefined || typeof separator === 'string') && rest.length === 0 ? null : 'Write join(", ").'),
    apply: (value, [separator], text) => (Array.isArray(value) ? value.map(text).join(typeof separator === 'string' ? separator : ', ') : value),
  },
  length: {
    check: noArguments,
    apply: (value, _, text) => {
      if (typeof value === 'string' || Array.isArray(value)) return value.length;
      if (typeof value !== 'object' || value === null) return 0;
      // Only so that the work is counted: listing keys takes time too.
      text(value);
      return Object.keys(value).length;
    },
  },
  first: itemAt(0),
  last: itemAt(-1),
  date: {
    check: ([format, ...rest]) =>
      (format === undefined || (typeof format === 'string' && Object.hasOwn(DATE_FORMATS, format))) && rest.length === 0
        ? null
        : `Write date("…") with one of ${Object.keys(DATE_FORMATS).join(', ')}.`,
    apply: (value, [format]) => {
      const date = dateOf(value);
      return date && DATE_FORMATS[typeof format === 'string' ? format : 'iso']?.(date);
    },
  },
} satisfies Record<string, Filter>;

export type FilterName = keyof typeof table;

/** The filters there are. Without a prototype, so that no inherited word is one. */
export const FILTERS: Readonly<Record<FilterName, Filter>> = Object.freeze(Object.assign(Object.create(null) as object, table));

export const isFilterName = (name: string): name is FilterName => Object.hasOwn(FILTERS, name);
