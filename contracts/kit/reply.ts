import { z } from 'zod';
import { JsonObject } from './ids.ts';
import { Problem } from './problem.ts';

/** Where the answered command left its last event; `event_id` can be given to a read as `read_after`. */
export const LogRef = z.object({
  stream: z.string().meta({ description: 'workspace/category/id' }),
  version: z.int(),
  event_id: z.string().nullable().meta({ description: 'null when the command changed nothing' }),
});

/** Answer to a command that was accepted. */
export const CommandAccepted = z.object({ ok: z.literal(true), id: z.string(), entity: JsonObject.nullable(), log: LogRef }).meta({ id: 'CommandAccepted' });
export type CommandAccepted = z.output<typeof CommandAccepted>;

export const CommandRefused = z.object({ ok: z.literal(false), problem: Problem }).meta({ id: 'CommandRefused' });
export const CommandReply = z.discriminatedUnion('ok', [CommandAccepted, CommandRefused]);
export type CommandReply = z.output<typeof CommandReply>;
