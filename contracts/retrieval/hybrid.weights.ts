import { z } from 'zod';

const Weight = z.number().min(0).max(1);

/** How much a chunk's place by its vector counts, and that by its words. */
export const HybridWeights = z
  .strictObject({ vector: Weight, keyword: Weight })
  .refine(({ vector, keyword }) => vector + keyword > 0, { message: 'one of them must be above 0' })
  .meta({ id: 'HybridWeights', description: 'With a weight of 0 a search does not look that way; without `vector` nothing is embedded' });
export type HybridWeights = z.output<typeof HybridWeights>;
