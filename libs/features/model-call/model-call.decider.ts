import type { modelCallContract } from '@agent-platform/contracts/model-call/model-call.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { Decider } from '@agent-platform/kernel/index';

export type ModelCallCommand = CommandOf<typeof modelCallContract>;
export type ModelCallEvent = EventOf<typeof modelCallContract>;

/** The call, once it was recorded. */
export type ModelCallState = { readonly call: ModelCallEvent['data'] | null };

export const modelCallDecider: Decider<ModelCallState, ModelCallCommand, ModelCallEvent> = {
  initial: { call: null },
  decide({ data: { model_call_id: _, ...call } }, state) {
    // What was paid is a fact: a second report of it changes nothing, whatever it says.
    return state.call ? [] : [{ type: 'model.called', data: call }];
  },
  evolve: (_state, event) => ({ call: event.data }),
};

/** The call as commands answer it. */
export function modelCallView({ call }: ModelCallState, id: string): JsonObject | null {
  if (!call) return null;
  const { skill_run_id = null, answered_from = null, ...rest } = call;
  return { id, ...rest, skill_run_id, answered_from };
}
