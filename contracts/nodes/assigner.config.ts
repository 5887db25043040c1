import { z } from 'zod';
import { TemplateObject } from './template.field.ts';

export const AssignerConfig = z
  .strictObject({ assignments: TemplateObject.meta({ description: 'Name in `state` to its new value; types are kept' }) })
  .meta({ id: 'AssignerNodeConfig', description: 'Writes values into the state of the run' });
export type AssignerConfig = z.output<typeof AssignerConfig>;
