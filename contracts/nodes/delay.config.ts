import { z } from 'zod';
import { Seconds, Template } from './template.field.ts';

export const DelayConfig = z
  .strictObject({
    seconds: z.union([Seconds, Template]).optional().meta({ description: 'How long, a number or a template of one; up to a year' }),
    until: Template.optional().meta({ description: 'Until when: ISO 8601 with a time zone' }),
  })
  .refine((config) => (config.seconds === undefined) !== (config.until === undefined), {
    path: ['seconds'],
    message: 'give either "seconds" (how long) or "until" (an instant)',
  })
  .meta({ id: 'DelayNodeConfig', description: 'Waits for a time, by a durable timer' });
export type DelayConfig = z.output<typeof DelayConfig>;
