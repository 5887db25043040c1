import { z } from 'zod';
import { JsonValue } from '../kit/ids.ts';
import { Template, TemplateValue } from './template.field.ts';

export const TemplateTransformConfig = z
  .strictObject({
    template: z.union([Template, z.record(z.string(), TemplateValue), z.array(JsonValue)]).meta({ description: 'A text, or JSON whose texts are templates' }),
    output_format: z.enum(['text', 'json']).optional().meta({ description: 'Default: text for a text, json for an object or a list' }),
  })
  .meta({ id: 'TemplateTransformNodeConfig', description: 'Renders a text into output_text, or JSON into output_json' });
export type TemplateTransformConfig = z.output<typeof TemplateTransformConfig>;
