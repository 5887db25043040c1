import type { ProblemField } from '@agent-platform/contracts/kit/problem';
import type { z } from 'zod';
import { Failure } from './failure.ts';

const MOST = 50;
const MOST_CHOICES = 20;

/** What a schema found wrong with an input, as a problem names it: JSON pointer, rule, remedy. At most 50 of them. */
export const schemaFields = (error: z.ZodError): ProblemField[] => error.issues.slice(0, MOST).flatMap((issue) => issueFields(issue));

/** The refusal of an input that a schema does not take: `summary`, the first thing that is wrong, and how many more there are. */
export function shapeFailure(code: string, summary: string, errors: readonly ProblemField[]): Failure {
  const [first, ...more] = errors;
  const said = first ? `: ${first.field === '' ? 'it' : first.field} ${first.rule}` : '';
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return new Failure('invalid', code, `${summary}${said}${rest}.`, { errors });
}

/** What one issue of a schema says, for each field that it is about. */
export function issueFields(issue: z.core.$ZodIssue): ProblemField[] {
  const field = pointer(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys
        .slice(0, MOST)
        .map((key) => ({ field: `${field}${pointer([key])}`, rule: 'is not known here', remedy: 'remove it, or check its spelling' }));
    case 'invalid_type': {
      const expected = typeText(issue.expected);
      return [
        issue.input === undefined && /received undefined/.test(issue.message)
          ? { field, rule: 'is required', remedy: `add it, as ${expected}` }
          : { field, rule: `must be ${expected}`, remedy: `send ${expected}` },
      ];
    }
    case 'invalid_value': {
      const values = oneOf(issue.values);
      return [{ field, rule: saidByZod(issue) ? `must be ${values}` : issue.message, remedy: `send ${values}` }];
    }
    case 'invalid_union':
      return saidByZod(issue) ? unionFields(issue) : [{ field, rule: issue.message }];
    case 'invalid_key':
      return issue.issues.flatMap((inner) => issueFields(inner)).map(({ rule }) => ({ field, rule: `has a name that ${rule}` }));
    default:
      return [{ field, rule: saidByZod(issue) ? (limitOf(issue) ?? issue.message) : issue.message }];
  }
}

/** Of several forms: the one that was meant where it can be told, else all of them. */
function unionFields(issue: z.core.$ZodIssueInvalidUnion): ProblemField[] {
  const { path, errors } = issue;
  const field = pointer(path);
  const options = 'options' in issue ? issue.options : undefined;
  if (options) return [{ field, rule: `must be ${oneOf(options)}`, remedy: `send ${oneOf(options)}` }];
  const types = errors.map((issues) => issues.find((inner) => inner.code === 'invalid_type' && inner.path.length === 0));
  const meant = errors.filter((_, at) => types[at] === undefined);
  const [only] = meant;
  if (only && meant.length === 1) return only.flatMap((inner) => issueFields({ ...inner, path: [...path, ...inner.path] }));
  if (only) return [{ field, rule: 'has none of the forms it may have' }];
  const expected = [...new Set(types.map((type) => (type?.code === 'invalid_type' ? typeText(type.expected) : '')))].join(' or ');
  return [{ field, rule: `must be ${expected}`, remedy: `send ${expected}` }];
}

function oneOf(values: readonly unknown[]): string {
  const choices = values.slice(0, MOST_CHOICES).map(String).join(', ');
  return `${values.length === 1 ? '' : 'one of '}${choices}${values.length > MOST_CHOICES ? ', …' : ''}`;
}

const typeText = (expected: string): string => TYPES[expected] ?? expected;

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** A text that no contract wrote: zod's own, made for developers. */
const saidByZod = ({ message }: z.core.$ZodIssue): boolean => /^(Too (small|big):|Invalid )/.test(message);

const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = { string: ['character', 'characters'], array: ['entry', 'entries'] };

/** A broken limit or format in words; undefined for what has none. */
function limitOf(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === 'not_multiple_of') return `must be a multiple of ${issue.divisor}`;
  if (issue.code === 'invalid_format') return `must be ${FORMATS[issue.format] ?? `of the format ${issue.format}`}`;
  if (issue.code !== 'too_small' && issue.code !== 'too_big') return undefined;
  const units = UNITS[issue.origin];
  const [bound, atBound, beyond] = issue.code === 'too_small' ? [issue.minimum, 'at least', 'more than'] : [issue.maximum, 'at most', 'less than'];
  const limit = `${issue.inclusive === false ? beyond : atBound} ${bound}`;
  return units === undefined ? `must be ${limit}` : `must have ${limit} ${units[Number(bound) === 1 ? 0 : 1]}`;
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  url: 'a URL',
  email: 'an e-mail address',
  datetime: 'a time as in 2026-01-31T12:00:00Z',
  date: 'a date as in 2026-01-31',
};

/** RFC 6901. */
const pointer = (path: readonly PropertyKey[]): string => path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
