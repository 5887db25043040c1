import type { ProblemField } from '@agent-platform/contracts/kit/problem';
import type { z } from 'zod';
import { Failure } from './failure.ts';

const MOST = 50;
const MOST_CHOICES = 20;

/** What a schema found wrong with an input, as a problem names it: JSON pointer, rule, remedy. At most 50 of them. */
export const schemaFields = (error: z.ZodError): ProblemField[] => error.issues.slice(0, MOST).flatMap((issue) => fieldsOf(issue));

/** The refusal of an input that a schema does not take: `summary`, the first thing that is wrong, and how many more there are. */
export function shapeFailure(code: string, summary: string, errors: readonly ProblemField[]): Failure {
  const [first, ...more] = errors;
  const said = first ? `: ${first.field === '' ? 'it' : first.field} ${first.rule}` : '';
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return new Failure('invalid', code, `${summary}${said}${rest}.`, { errors });
}

function fieldsOf(issue: z.core.$ZodIssue): ProblemField[] {
  const field = pointer(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys
        .slice(0, MOST)
        .map((key) => ({ field: `${field}${pointer([key])}`, rule: 'is not known here', remedy: 'remove it, or check its spelling' }));
    case 'invalid_type': {
      const expected = TYPES[issue.expected] ?? issue.expected;
      return [
        issue.input === undefined && /received undefined/.test(issue.message)
          ? { field, rule: 'is required', remedy: `add it, as ${expected}` }
          : { field, rule: `must be ${expected}`, remedy: `send ${expected}` },
      ];
    }
    case 'invalid_value': {
      const choices = issue.values.slice(0, MOST_CHOICES).map(String).join(', ');
      const values = `${issue.values.length === 1 ? '' : 'one of '}${choices}${issue.values.length > MOST_CHOICES ? ', …' : ''}`;
      return [{ field, rule: saidByZod(issue) ? `must be ${values}` : issue.message, remedy: `send ${values}` }];
    }
    default:
      return [{ field, rule: saidByZod(issue) ? (limitOf(issue) ?? issue.message) : issue.message }];
  }
}

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
