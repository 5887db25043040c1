import { z } from 'zod';
import { JsonValue } from '../kit/index.ts';
import { defineRoutes } from './route.ts';

const Model = z.string().min(1).max(200).nullish().meta({ description: 'Absent: the default model' });

/** Handed on to the model gateway, in the dialect of OpenAI; everything not named here goes through as it came. */
export const modelRoutes = defineRoutes({
  'model.chat': {
    method: 'POST',
    path: '/models/chat/completions',
    summary: 'Ask a model. With `stream: true` the answer is a stream of chunks that ends with `data: [DONE]`.',
    body: z
      .looseObject({
        model: Model,
        messages: z.array(z.looseObject({ role: z.string(), content: JsonValue.optional() })).min(1),
        stream: z.boolean().nullish(),
      })
      .meta({ id: 'ChatCompletionRequest' }),
    answer: z.looseObject({ id: z.string(), object: z.string(), choices: z.array(z.looseObject({ index: z.int() })) }).meta({ id: 'ChatCompletion' }),
    media: ['application/json', 'text/event-stream'],
    dialect: 'openai',
  },
  'model.embeddings': {
    method: 'POST',
    path: '/models/embeddings',
    summary: 'Vectors of texts.',
    body: z.looseObject({ model: Model, input: z.union([z.string(), z.array(JsonValue).min(1)]) }).meta({ id: 'EmbeddingsRequest' }),
    answer: z.looseObject({ object: z.string(), data: z.array(z.looseObject({ index: z.int() })) }).meta({ id: 'Embeddings' }),
    dialect: 'openai',
  },
  'model.rerank': {
    method: 'POST',
    path: '/models/rerank',
    summary: 'How well documents answer a query, the best first, in the form of Cohere, Jina and vLLM.',
    body: z
      .looseObject({
        model: Model,
        query: z.string().min(1),
        documents: z.array(z.union([z.string(), z.looseObject({ text: z.string() })])).min(1),
        top_n: z.int().min(1).nullish(),
      })
      .meta({ id: 'RerankRequest' }),
    answer: z.looseObject({ results: z.array(z.looseObject({ index: z.int(), relevance_score: z.number() })) }).meta({ id: 'RerankAnswer' }),
    dialect: 'openai',
  },
  'model.list': {
    method: 'GET',
    path: '/models',
    summary: 'Models that can be asked.',
    answer: z.looseObject({ object: z.string(), data: z.array(z.looseObject({ id: z.string() })) }).meta({ id: 'Models' }),
    dialect: 'openai',
  },
  'model.get': {
    method: 'GET',
    path: '/models/{model}',
    summary: 'One model that can be asked.',
    params: z.object({ model: z.string().min(1).max(200) }),
    answer: z.looseObject({ id: z.string(), object: z.string() }).meta({ id: 'Model' }),
    dialect: 'openai',
  },
});
