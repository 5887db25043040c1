import { z } from 'zod';
import { Failure } from '@agent-platform/kernel/index';

const Answer = z.object({ data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })) });

/** The vectors of an answer, by index and made unit. Throws Failure transient `embedding-bad-answer`. */
export function unitVectors(answer: unknown, count: number): readonly (readonly number[])[] {
  const parsed = Answer.safeParse(answer);
  if (!parsed.success) throw bad('something that is no list of embeddings', parsed.error);
  const byIndex = new Map(parsed.data.data.map(({ index, embedding }) => [index, embedding]));
  const vectors = Array.from({ length: count }, (_, index) => byIndex.get(index));
  if (byIndex.size !== count || !vectors.every((vector) => vector !== undefined)) {
    throw bad(`${byIndex.size} embeddings for ${count} texts`);
  }
  return vectors.map(unit);
}

function unit(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  if (!(length > 0)) throw bad('a vector of length 0, which has no direction');
  // Single precision, as databases keep it.
  return vector.map((value) => Math.fround(value / length));
}

const bad = (what: string, cause?: unknown): Failure =>
  new Failure('transient', 'embedding-bad-answer', `The embedding provider answered with ${what}. Check the base URL and the model.`, { cause });
