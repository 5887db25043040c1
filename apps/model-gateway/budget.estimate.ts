import { z } from 'zod';

/** Bytes of a token: tokenizers write about four of English and three of other languages into one. */
const LEAST_BYTES = 2;
/** What an image or a sound counts, however large its data is. */
const MEDIA_TOKENS = 2_000;

/** Tokens that a request has at most, without a tokenizer: by its bytes. */
export function promptAtMost(value: unknown): number {
  if (typeof value === 'string') return value.startsWith('data:') ? MEDIA_TOKENS : Math.ceil(Buffer.byteLength(value) / LEAST_BYTES);
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + promptAtMost(one), 0);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce((sum, [name, one]) => sum + Math.ceil(name.length / LEAST_BYTES) + promptAtMost(one), 0);
}

const Limits = z.looseObject({
  max_completion_tokens: z.int().min(0).nullish(),
  max_tokens: z.int().min(0).nullish(),
  n: z.int().min(1).nullish(),
});

/** Tokens that each answer has at most, null when the request does not say; and how many answers there are. */
export function askedOutput(body: object): { readonly limit: number | null; readonly answers: number } {
  const { max_completion_tokens, max_tokens, n } = Limits.safeParse(body).data ?? {};
  return { limit: max_completion_tokens ?? max_tokens ?? null, answers: n ?? 1 };
}

/** An answer is let be so long however little is left of a budget: shorter ones are of no use, and paid all the same. */
const LEAST_WRITTEN = 1_024;
/** What models may be asked for whose own limit is not known: many refuse a request that names more than they can write. */
const ANY_MODEL = 4_096;

/** Tokens of each answer, when the request leaves them open: all that may come, and with how many it can do. */
export const openOutput = (most: number): { readonly most: number; readonly least: number } => ({ most, least: Math.min(most, LEAST_WRITTEN) });

/** The `max_tokens` of a call that gets a part (0 to 1) of what is between the least and the most; `limits`: of who may be asked, null: not known. */
export function outputOfPart(part: number, { most, least }: { readonly most: number; readonly least: number }, limits: readonly (number | null)[]): number {
  return Math.min(Math.floor(least + part * (most - least)), ...limits.map((limit) => limit ?? ANY_MODEL));
}
