import { z } from 'zod';
import { JsonValue } from '../kit/ids.ts';

/** Text with `{{ path | filter }}` places, filled when the node begins. */
export const Template = z
  .string()
  .max(200_000)
  .meta({ description: 'Text with {{ path | filter }} places: input.x, state.x, nodes.<id>.output.x, nodes.<id>.text, current.node_id, run.id' });

/** JSON whose texts are templates; a text that is one single place takes over the value with its type. */
export const TemplateValue = JsonValue.meta({
  description: 'JSON whose texts are templates; a text that is nothing but one {{ place }} becomes the value itself, type kept',
});

export const TemplateObject = z.record(z.string(), TemplateValue);

/** Seconds, up to a year. */
export const Seconds = z.number().positive().max(31_536_000);
