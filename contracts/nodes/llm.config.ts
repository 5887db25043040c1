import { z } from 'zod';
import { Template } from './template.field.ts';

const LlmMessage = z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: Template });

export const LlmConfig = z
  .strictObject({
    model: z.string().min(1).max(200).optional().meta({ description: 'Absent: the default model of the model gateway' }),
    system_prompt: Template.optional(),
    prompt: Template.optional(),
    messages: z.array(LlmMessage).min(1).max(1000).optional().meta({ description: 'Instead of prompt and system_prompt: the whole conversation' }),
    temperature: z.number().min(0).max(2).optional(),
    max_tokens: z.int().min(1).max(1_000_000).optional(),
    cache_seconds: z
      .int()
      .min(0)
      .max(2_592_000)
      .optional()
      .meta({ description: 'How long the reply may be given again to the same request of the workspace, at no cost; absent: as the model has it' }),
  })
  .refine((config) => (config.prompt === undefined) !== (config.messages === undefined), {
    path: ['prompt'],
    message: 'give either "prompt" (with "system_prompt", if any) or "messages"',
  })
  .refine((config) => config.messages === undefined || config.system_prompt === undefined, {
    path: ['system_prompt'],
    message: 'goes with "prompt"; with "messages", make it the first message, of role "system"',
  })
  .meta({ id: 'LlmNodeConfig', description: 'Asks a language model; the reply is in output_text' });
export type LlmConfig = z.output<typeof LlmConfig>;
