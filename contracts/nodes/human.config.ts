import { z } from 'zod';
import { JsonObject } from '../kit/ids.ts';
import { Seconds, Template, TemplateObject } from './template.field.ts';

export const HumanTaskKind = z.enum(['approval', 'input', 'takeover', 'pause', 'resume']);

export const HumanConfig = z
  .strictObject({
    kind: HumanTaskKind.default('approval'),
    title: Template,
    description: Template.optional(),
    assignee: Template.optional().meta({ description: 'The one person who may take the task' }),
    candidates: z.array(Template).max(100).optional().meta({ description: 'People it is offered to' }),
    payload: TemplateObject.default({}).meta({ description: 'What the person needs to decide' }),
    form: JsonObject.optional().meta({ description: 'JSON Schema of the answer' }),
    due_in_seconds: Seconds.optional().meta({ description: 'After that the node follows the route "timed_out", or fails' }),
  })
  .refine((config) => config.assignee === undefined || config.candidates === undefined, {
    path: ['candidates'],
    message: 'give either "assignee" (one person) or "candidates" (several)',
  })
  .meta({ id: 'HumanNodeConfig', description: 'Waits for a person; routes "approved", "rejected", "cancelled", "timed_out"' });
export type HumanConfig = z.output<typeof HumanConfig>;
