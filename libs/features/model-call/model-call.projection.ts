import { readFileSync } from 'node:fs';
import { modelCallContract } from '@agent-platform/contracts/model-call/model-call.contract';
import type { LoggedEvent, Projection } from '@agent-platform/kernel/index';
import type { ModelCallEvent } from './model-call.decider.ts';

/** Table `model_calls`, a row per call: every figure of usage is a sum over it, and a repeated event is the same row. */
export const modelCallProjection: Projection = {
  name: 'model_call',
  version: 2,
  sql: readFileSync(new URL('./model-call.sql', import.meta.url), 'utf8'),
  events: Object.keys(modelCallContract.events),
  project({ workspace_id, stream_id, time, data }: ModelCallEvent & LoggedEvent) {
    const day = new Date(time).toISOString().slice(0, 10);
    const { skill_run_id = null, answered_from = null, ...call } = data;
    return [{ table: 'model_calls', key: { workspace_id, id: stream_id }, set: { ...call, skill_run_id, answered_from, day, called_at: time } }];
  },
};
