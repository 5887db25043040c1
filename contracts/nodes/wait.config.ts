import { z } from 'zod';
import { Seconds, Template } from './template.field.ts';

export const WaitConfig = z
  .strictObject({
    signal: Template.min(1).meta({ description: 'Name of the signal' }),
    timeout_seconds: Seconds.optional().meta({ description: 'After that the node follows the route "timed_out", or fails' }),
  })
  .meta({ id: 'WaitNodeConfig', description: 'Waits for a signal to the run; its payload is the output; routes "received", "timed_out"' });
export type WaitConfig = z.output<typeof WaitConfig>;
