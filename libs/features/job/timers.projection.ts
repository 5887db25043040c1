import { readFileSync } from 'node:fs';
import type { AnyFeature, LoggedEvent, Projection, RowChange, Timer } from '@agent-platform/kernel/index';

/**
 * Table `timers`: what the scheduler fires. It is derived from the events of every feature that asks for timers
 * (`Feature.timers`); a timer goes when it is cancelled and when its `job.due` is in the log.
 */
export function timersProjection(features: readonly AnyFeature[]): Projection {
  const asking = new Map(features.filter(({ timers }) => timers).map((feature) => [feature.contract.category, feature]));
  return {
    name: 'timers',
    version: 1,
    sql: readFileSync(new URL('./timers.sql', import.meta.url), 'utf8'),
    events: ['job.due', ...[...asking.values()].flatMap(({ contract }) => Object.keys(contract.events))],
    project(event) {
      if (event.category === 'job') return [{ ...row(event, event.stream_id), remove: true }];
      const stream = { workspace_id: event.workspace_id, category: event.category, stream_id: event.stream_id };
      const timers = asking.get(event.category)?.timers?.(event, stream) ?? [];
      return timers.map((timer) => change(event, timer));
    },
  };
}

const row = ({ workspace_id }: LoggedEvent, timer_id: string) => ({ table: 'timers', key: { workspace_id, timer_id } });

function change(event: LoggedEvent, timer: Timer): RowChange {
  if ('cancel' in timer) return { ...row(event, timer.timer_id), remove: true };
  const { timer_id, due_at, target, payload } = timer;
  return { ...row(event, timer_id), set: { due_at, target_category: target.category, target_id: target.stream_id, payload } };
}
