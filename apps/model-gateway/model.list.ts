import { z } from 'zod';
import type { BackendAnswer } from './backend.ts';
import { OpenAiError } from './openai.error.ts';

const ModelList = z.object({ data: z.array(z.looseObject({ id: z.string() })) });

/** The models of a list in OpenAI's form; none of an answer that is not one. */
export function modelsOf({ status, body }: Pick<BackendAnswer, 'status' | 'body'>): z.output<typeof ModelList>['data'] {
  if (status !== 200 || typeof body !== 'string') return [];
  return ModelList.safeParse(JSON.parse(body)).data?.data ?? [];
}

/** One model of a list, as OpenAI's clients retrieve it. Throws OpenAiError 404. */
export function oneModel(list: BackendAnswer, id: string): BackendAnswer {
  if (list.status !== 200) return list;
  const found = modelsOf(list).find((model) => model.id === id);
  if (!found) throw new OpenAiError(404, 'model_not_found', `model: there is no model "${id}". GET /models names all.`, { param: 'model' });
  return { ...list, body: JSON.stringify(found) };
}
