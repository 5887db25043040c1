import { expect, test } from 'vitest';
import { ModelCallView, modelCallContract } from '@agent-platform/contracts/model-call/model-call.contract';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { modelCallDecider, type ModelCallEvent } from './model-call.decider.ts';
import { modelCallProjection } from './model-call.projection.ts';

const { given } = specFor(modelCallDecider);
const example = modelCallContract.commands['model_call.record'].data.parse(modelCallContract.commands['model_call.record'].example);
const { model_call_id: _, ...call } = example;
const called: ModelCallEvent = { type: 'model.called', data: call };

test('a call is recorded once, whatever a second report says', () => {
  given().when({ type: 'model_call.record', data: example }).then(called);
  given(called)
    .when({ type: 'model_call.record', data: { ...example, cost_usd: '9' } })
    .then();
});

test('a redelivered event is not counted twice', () => {
  const { model_calls } = tablesOf(modelCallProjection, [called, called], { stream_id: 'call-1' });
  expect(model_calls).toHaveLength(1);
  expect(ModelCallView.parse(model_calls?.[0])).toMatchObject({
    id: 'call-1',
    day: '2026-01-01',
    cost_usd: '0.00021',
    run_id: 'run-1',
    answered_from: 'model',
  });
});

test('an event of an older release is a row too', () => {
  const { skill_run_id: _skill, answered_from: _from, ...older } = call;
  const { model_calls } = tablesOf(modelCallProjection, [{ type: 'model.called', data: older }], { stream_id: 'call-1' });
  expect(ModelCallView.parse(model_calls?.[0])).toMatchObject({ skill_run_id: null, answered_from: null });
});
