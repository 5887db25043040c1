import { z } from 'zod';
import { defineContract, GetParams, Id, pageOf, PageParams, Time } from '../kit/index.ts';
import { Money } from '../kit/money.ts';

const Tokens = z.int().min(0);
const Label = z.string().min(1).max(200).nullable();

const call = {
  kind: z.enum(['chat', 'embeddings', 'rerank']),
  model: z.string().min(1).max(200).meta({ description: 'As the caller named it' }),
  provider: z.string().min(1).max(100).nullable().meta({ description: 'Who was asked last; null: nobody' }),
  provider_model: Label.meta({ description: 'What the model is called there' }),
  status: z.int().min(100).max(599),
  complete: z.boolean().meta({ description: 'The answer came to its end, and the caller was there to hear it' }),
  stream: z.boolean(),
  prompt_tokens: Tokens,
  completion_tokens: Tokens,
  counted_by: z.enum(['provider', 'tokenizer', 'nobody']).meta({ description: 'nobody: there was no answer to count' }),
  cost_usd: Money.nullable().meta({ description: 'null: the model has no known price' }),
  latency_ms: z.int().min(0),
  run_id: Id.nullable(),
  node_id: Id.nullable(),
  agent_id: Id.nullable(),
};

/** Came later: events of older releases are without them. */
const later = {
  skill_run_id: Id.nullable(),
  answered_from: z
    .enum(['model', 'cache', 'recording'])
    .nullable()
    .meta({ description: 'cache, recording: no model was asked, so it took no tokens and cost nothing; null: nobody answered, or it is not known' }),
};
const optional = z.object(later).partial().shape;

export const ModelCallView = z
  .object({ id: Id, workspace_id: z.string(), ...call, ...later, day: z.string().meta({ description: 'Day of the call, UTC' }), called_at: Time })
  .meta({ id: 'ModelCall' });

const id = { model_call_id: Id };

export const modelCallContract = defineContract({
  category: 'model_call',
  events: {
    'model.called': {
      summary: 'A model was called, and this is what it took. Never prompts or replies.',
      version: 1,
      data: z.object({ ...call, ...optional }),
    },
  },
  commands: {
    'model_call.record': {
      summary: 'Record a call that was made: the model gateway does. The same id again is already so.',
      target: 'model_call_id',
      creates: true,
      internal: true,
      data: z.strictObject({ ...id, ...call, ...optional }),
      example: {
        model_call_id: 'call-1',
        kind: 'chat',
        model: 'fast',
        provider: 'openai',
        provider_model: 'gpt-4o-mini',
        status: 200,
        complete: true,
        stream: true,
        prompt_tokens: 1000,
        completion_tokens: 100,
        counted_by: 'provider',
        cost_usd: '0.00021',
        latency_ms: 830,
        run_id: 'run-1',
        node_id: 'answer',
        agent_id: null,
        skill_run_id: null,
        answered_from: 'model',
      },
    },
  },
  queries: {
    'model_call.get': { summary: 'One call of a model.', params: z.object({ ...id, ...GetParams }), result: ModelCallView },
    'model_call.list': {
      summary: 'Calls of models, newest first.',
      params: z.object({
        ...PageParams,
        run_id: Id.optional(),
        skill_run_id: Id.optional(),
        agent_id: Id.optional(),
        model: z.string().max(200).optional(),
        from: Time.optional(),
        to: Time.optional(),
      }),
      result: pageOf(ModelCallView),
    },
  },
  routes: [
    { method: 'GET', path: '/billing/calls', query: 'model_call.list' },
    { method: 'GET', path: '/billing/calls/{model_call_id}', query: 'model_call.get' },
  ],
});
