import type { ProblemField } from '@agent-platform/contracts/kit/problem';
import type { z } from 'zod';

const MOST = 50;

/** What a schema found wrong with an input, as a problem names it: JSON pointer, rule, remedy. At most 50 of them. */
export const schemaFields = (error: z.ZodError): ProblemField[] => error.issues.slice(0, MOST).flatMap((issue) => fieldsOf(issue));

function fieldsOf(issue: z.core.$ZodIssue): ProblemField[] {
  const field = pointer(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys
        .slice(0, MOST)
        .map((key) => ({ field: `${field}${pointer([key])}`, rule: 'is not known here', remedy: 'remove it, or check its spelling' }));
    case 'invalid_type':
      return [
        issue.input === undefined && /received undefined/.test(issue.message)
          ? { field, rule: 'is required', remedy: `add it, as ${issue.expected}` }
          : { field, rule: `must be ${issue.expected}`, remedy: `send ${issue.expected}` },
      ];
    case 'invalid_value':
      return [{ field, rule: issue.message, remedy: `send one of ${issue.values.map(String).join(', ')}` }];
    default:
      return [{ field, rule: issue.message }];
  }
}

/** RFC 6901. */
const pointer = (path: readonly PropertyKey[]): string => path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
