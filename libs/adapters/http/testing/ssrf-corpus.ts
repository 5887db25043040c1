import { z } from 'zod';
import cases from './ssrf-corpus.json' with { type: 'json' };

/**
 * Addresses an attacker tries. Cases are added, never removed. `resolves_to` is what DNS answers in the case; a case
 * without it must be decided without asking DNS.
 */
const SsrfCase = z.strictObject({
  id: z.string(),
  category: z.enum(['spelling', 'range', 'scheme', 'hostname', 'public']),
  input: z.string(),
  expected: z.enum(['reject:egress-denied', 'allowed']),
  why: z.string(),
  resolves_to: z.array(z.string()).optional(),
});
export type SsrfCase = z.output<typeof SsrfCase>;

export const ssrfCorpus: readonly SsrfCase[] = z.array(SsrfCase).parse(cases);
