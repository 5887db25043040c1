import type { Rejection } from '@agent-platform/kernel/index';
import { schemaFields } from '@agent-platform/kernel/schema-fields';
import type { z } from 'zod';

export type Problem = NonNullable<Rejection['errors']>[number];

/** What a schema found wrong with a part of a command, named by its place in the whole. */
export const problemsBelow = (path: string, error: z.ZodError): Problem[] =>
  schemaFields(error).map(({ field, rule, remedy }) => ({ field: `${path}${field}`, rule, ...(remedy !== undefined && { remedy }) }));
