import { z } from 'zod';
import { Template } from './template.field.ts';

export const AnswerConfig = z
  .strictObject({
    template: Template.optional(),
    answer: Template.optional().meta({ description: 'Another name of `template`' }),
  })
  .refine((config) => (config.template === undefined) !== (config.answer === undefined), {
    path: ['template'],
    message: 'give either "template" or "answer": the text of the answer',
  })
  .meta({ id: 'AnswerNodeConfig', description: 'Renders the answer of the run into output_text' });
export type AnswerConfig = z.output<typeof AnswerConfig>;
