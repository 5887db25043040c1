import { z } from 'zod';
import { JsonValue } from '../kit/ids.ts';

/** Nothing is needed; what is given is for people and other tools. */
export const StartConfig = z
  .record(z.string(), JsonValue)
  .meta({ id: 'StartNodeConfig', description: 'Nothing is needed; whatever is given is kept in the document and not used' });
export type StartConfig = z.output<typeof StartConfig>;
