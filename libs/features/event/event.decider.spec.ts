import { eventContract } from '@agent-platform/contracts/event/event.contract';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventDecider, eventView } from './event.decider.ts';

const data = {
  event_type: 'run.created',
  source_service: 'agent-service',
  aggregate_type: 'agent_run',
  aggregate_id: 'run-id',
  payload_json: { run_id: 'run-id' },
};
const { given } = specFor(eventDecider);
const publish = (over: object = {}) => ({ type: 'event.publish', data: { event_id: 'it', ...data, ...over } }) as const;

test('publishes what another system said', () => given().when(publish()).then({ type: 'event.published', data }));
test('an event never changes', () => {
  given({ type: 'event.published', data }).when(publish()).then();
  given({ type: 'event.published', data })
    .when(publish({ source_service: 'other' }))
    .thenRejected('event-exists');
});
test('a type is dotted words', () => {
  const schema = eventContract.commands['event.publish'].data;
  expect(schema.safeParse(data).success).toBe(true);
  for (const event_type of ['created', 'Run.Created', 'run.', 'run created']) expect(schema.safeParse({ ...data, event_type }).success).toBe(false);
});
test('the view is the event', () => {
  expect(eventView(null, 'e1')).toBeNull();
  expect(eventView(data, 'e1')).toEqual({ id: 'e1', ...data });
});
test('running any command twice never appends twice', () => {
  neverAppendsTwice(
    eventDecider,
    fc.constantFrom('a', 'b').map((source_service) => publish({ source_service })),
  );
});
