import { z } from 'zod';

export const IfElseConfig = z
  .strictObject({
    expression: z.string().min(1).max(4096).meta({ description: 'True, false or null (counts as false), e.g. state.score >= 5 and not input.urgent' }),
  })
  .meta({ id: 'IfElseNodeConfig', description: 'Routes along the edges whose condition is "true" or "false"' });
export type IfElseConfig = z.output<typeof IfElseConfig>;
