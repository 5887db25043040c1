import { z } from 'zod';
import { TemplateValue } from './template.field.ts';

export const CodeConfig = z
  .strictObject({
    language: z.enum(['python', 'javascript']).default('python'),
    code: z.string().min(1).max(100_000).meta({ description: 'Finds `payload`, leaves its answer in `result`. Not a template: values come in by input_json' }),
    input_json: TemplateValue.default({}).meta({ description: 'The `payload`: JSON whose texts are templates' }),
    timeout_seconds: z.number().positive().max(600).default(5).meta({ description: 'Cut at the maximum of the code runner' }),
  })
  .meta({ id: 'CodeNodeConfig', description: 'Runs code in the sandbox; what it prints is in output_text, its result in output_json.result_json' });
export type CodeConfig = z.output<typeof CodeConfig>;
