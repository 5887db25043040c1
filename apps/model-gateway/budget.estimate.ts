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

/** Tokens that the answers have at most; `unlimited` for each when the request names no limit. */
export function writtenAtMost(body: object, unlimited: number): number {
  const { max_completion_tokens, max_tokens, n } = Limits.safeParse(body).data ?? {};
  return (max_completion_tokens ?? max_tokens ?? unlimited) * (n ?? 1);
}
