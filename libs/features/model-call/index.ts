import { modelCallContract } from '@agent-platform/contracts/model-call/model-call.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import { modelCallDecider, modelCallView, type ModelCallCommand, type ModelCallEvent, type ModelCallState } from './model-call.decider.ts';
import { modelCallProjection } from './model-call.projection.ts';
import { modelCallQueries } from './model-call.queries.ts';

export type { ModelCallCommand, ModelCallEvent, ModelCallState };

/** Calls of models: one short stream each, so that recording never waits for another call. */
export const modelCallFeature: Feature<ModelCallState, ModelCallCommand, ModelCallEvent> = defineFeature({
  contract: modelCallContract,
  decider: modelCallDecider,
  view: modelCallView,
  projections: [modelCallProjection],
  queries: modelCallQueries,
});
