import type { EventLog } from '@agent-platform/event-log/event-log';
import { Failure, toFailure } from '@agent-platform/kernel/index';
import { type Area, triggersOf } from '@agent-platform/runtime/area';
import type { Execution } from '@agent-platform/runtime/execute';
import type { Logger } from '@agent-platform/runtime/logger';

const PAGE = 500;

export interface MissedTriggers {
  readonly log: EventLog;
  readonly execution: Pick<Execution, 'trigger'>;
  readonly area: Area;
  /** Cursor with the position up to which the triggers of the area are settled. */
  readonly cursor: string;
  /** Position of the oldest event that JetStream still has. */
  readonly oldest: number;
  readonly logger: Logger;
}

/**
 * Takes from the log the triggers that left JetStream before any executor took them: it keeps events for a limited time, or
 * has limited room, and nobody was there. Of several executors that try, one goes on after each page. Throws
 * Failure('transient') when a trigger must come again; what was settled by then stays so.
 */
export async function takeMissed({ log, execution, area, cursor, oldest, logger }: MissedTriggers): Promise<void> {
  const wanted = new Set(triggersOf(area).map(({ category, type }) => `${category}/${type}`));
  for (let at = await log.cursor(cursor); at < oldest - 1;) {
    const page = (await log.readLog(at, PAGE)).filter(({ position }) => position < oldest);
    const to = page.at(-1)?.position ?? oldest - 1;
    const triggers = page.filter(({ category, type }) => wanted.has(`${category}/${type}`));
    if (triggers.length > 0) {
      logger.warn({ area: area.name, triggers: triggers.length, from: at, to }, 'JetStream lost triggers before they were taken; taking them from the log');
    }
    await Promise.all(
      triggers.map(async (event) => {
        const taken = await execution.trigger(area.name, event).catch((error: unknown) => refused(event.id, error));
        if (!taken.done) throw new Failure('transient', 'trigger-not-taken', `Trigger ${event.id} was not taken: ${taken.reason}.`);
      }),
    );
    if (!(await log.moveCursor(cursor, at, to))) return;
    at = to;
  }

  /** One that can't be carried out at all must not keep the others. */
  function refused(event_id: string, error: unknown): { done: true } {
    const failure = toFailure(error);
    if (failure.kind === 'transient') throw failure;
    logger.error({ area: area.name, event_id, error: failure }, 'a trigger that JetStream lost can not be carried out; it is given up');
    return { done: true };
  }
}
