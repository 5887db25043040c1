import { z } from 'zod';
import type { ChatMessage } from '@agent-platform/ports/model.port';
import { OpenAiError } from './openai.error.ts';

/** Longest time that an answer may be given again. */
const CacheSeconds = z.int().min(0).max(2_592_000);

/** What the gateway itself looks at; everything else of a request goes to the provider as it came. */
const ChatCompletionBody = z.looseObject({
  model: z.string().min(1).max(200).nullish(),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  cache_seconds: CacheSeconds.nullish(),
});
export type ChatCompletionBody = z.output<typeof ChatCompletionBody>;

const EmbeddingsBody = z.looseObject({
  model: z.string().min(1).max(200).nullish(),
  input: z.union([z.string(), z.array(z.unknown()).min(1)]),
  cache_seconds: CacheSeconds.nullish(),
});
export type EmbeddingsBody = z.output<typeof EmbeddingsBody>;

/** As Cohere, Jina and vLLM have it. */
const RerankBody = z.looseObject({
  model: z.string().min(1).max(200).nullish(),
  query: z.string().min(1),
  documents: z.array(z.union([z.string(), z.looseObject({ text: z.string() })], { error: 'must be a text' })).min(1),
  top_n: z.int().min(1).nullish(),
  cache_seconds: CacheSeconds.nullish(),
});
export type RerankBody = z.output<typeof RerankBody>;

export const parseChat = (body: unknown): ChatCompletionBody => parse(ChatCompletionBody, body);
export const parseEmbeddings = (body: unknown): EmbeddingsBody => parse(EmbeddingsBody, body);
export const parseRerank = (body: unknown): RerankBody => parse(RerankBody, body);

/** The header `x-cache-seconds`. Throws OpenAiError 400. */
export function parseCacheSeconds(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  return parse(z.object({ 'x-cache-seconds': z.coerce.number().pipe(CacheSeconds) }), { 'x-cache-seconds': header })['x-cache-seconds'];
}

/** Throws OpenAiError 400 that names the first field that is wrong. */
function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const param = issue?.path.join('.') || 'body';
  throw new OpenAiError(400, 'invalid_body', `${param}: ${issue?.message ?? 'is wrong'}. Send it as the OpenAI API describes it.`, { param });
}

const TextPart = z.object({ type: z.literal('text'), text: z.string() });

const LocalMessage = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']).transform((role) => (role === 'developer' ? 'system' : role)),
  content: z.union([z.string(), z.array(TextPart).transform((parts) => parts.map(({ text }) => text).join('\n')), z.null().transform(() => '')]).default(''),
});

const LocalRequest = z.looseObject({
  messages: z.array(LocalMessage),
  temperature: z.number().nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
});

/** What a model inside this process can be given: text messages. Throws OpenAiError 400 for anything else. */
export function toLocalRequest(body: ChatCompletionBody): { messages: ChatMessage[]; temperature?: number; max_tokens?: number } {
  const { messages, temperature, max_tokens, max_completion_tokens } = parse(LocalRequest, body);
  const limit = max_completion_tokens ?? max_tokens;
  // Clients send null for "as you like": the same as leaving the field out.
  return { messages, ...(typeof temperature === 'number' && { temperature }), ...(typeof limit === 'number' && { max_tokens: limit }) };
}
