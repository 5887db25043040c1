import { z } from 'zod';
import { Id, Problem, Time } from '../kit/index.ts';
import { RunStatus, RunView } from '../run/run.contract.ts';
import { EventView } from './event.view.ts';

const Sequence = z.int().min(0).meta({ description: 'Version of the run that the frame shows; after a cut go on with `from` = the last one + 1' });
const Run = RunView.omit({ created_at: true, ended_at: true }).loose().meta({ id: 'RunNow' });
const at = { run_id: Id, sequence: Sequence, status: RunStatus.meta({ description: 'Of the run, after what the frame shows' }), time: Time };

/** What the WebSocket of a run sends, one JSON text a frame. */
export const RunFrame = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('snapshot'), ...at, data: Run }).meta({ description: 'First, when no `from` was given: the run as it is' }),
    z.object({ type: z.literal('event'), ...at, node_id: Id.optional(), data: EventView }).meta({ description: 'One event of the run' }),
    z.object({ type: z.literal('end'), ...at, data: Run }).meta({ description: 'Last: the run as it ended; the connection is closed with 1000' }),
    z.object({ type: z.literal('error'), run_id: Id, data: Problem }).meta({ description: 'Last: why the connection is closed' }),
  ])
  .meta({ id: 'RunFrame' });
export type RunFrame = z.output<typeof RunFrame>;

/** Why the WebSocket of a run is closed. After all but the first two one may connect again with `from`. */
export const SOCKET_CLOSES = {
  /** The run has ended. */
  ended: 1000,
  /** There is no such run. */
  missing: 4404,
  /** The gateway shuts down; another one goes on. */
  goingAway: 1001,
  /** Something was sent to the gateway, which is not for that. */
  notUnderstood: 1003,
  /** A fault on our side. */
  fault: 1011,
  /** What was sent has not been taken for too long. */
  slow: 4408,
} as const;
