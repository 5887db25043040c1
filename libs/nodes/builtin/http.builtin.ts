import { z } from 'zod';
import { defineBuiltin } from './builtin.ts';

/** Input of the tool `http`: the node makes the same request of it as of a tool that somebody defined. */
export const HttpInput = z.strictObject({
  url: z.string().min(1).max(8192).meta({ description: 'Whole address of a public host, or of one that the operator allows' }),
  method: z
    .string()
    .regex(/^[A-Za-z]{1,20}$/, 'must be an HTTP method, e.g. GET')
    .default('GET'),
  query: z.record(z.string(), z.json()).default({}),
  headers: z.record(z.string().min(1).max(200), z.union([z.string().max(8000), z.number(), z.boolean(), z.null()])).default({}),
  body: z.json().optional().meta({ description: 'Sent as JSON; a text as it is, when a content-type says what it is' }),
});

export const http = defineBuiltin({
  description: 'Sends an HTTP request and answers status, headers and body.',
  input: HttpInput,
  writes: true,
  repeatable: () => false,
});
