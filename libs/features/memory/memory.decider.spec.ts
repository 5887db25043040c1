import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { logged } from '@agent-platform/kernel/testing/tables-of';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryFeature } from './index.ts';
import { memoryDecider } from './memory.decider.ts';
import { memoryView, type MemoryCommand, type MemoryCreated, type MemoryEvent } from './memory.state.ts';

const { given } = specFor(memoryDecider);
const SOON = '2026-01-02T00:00:00.000Z';
const LATER = '2026-01-03T00:00:00.000Z';
const fields = {
  scope_type: 'user',
  scope_id: 'user-1',
  memory_type: 'preference',
  content_text: 'Likes tea',
  importance_score: 80,
  metadata_json: {},
} as const;
const data: MemoryCreated = { ...fields, expires_at: null, source_run_id: null };
const created: MemoryEvent = { type: 'memory.created', data };
const expiring: MemoryEvent = { type: 'memory.created', data: { ...data, expires_at: SOON } };
const revoked: MemoryEvent = { type: 'memory.revoked', data: { reason: 'wrong' } };
const expired: MemoryEvent = { type: 'memory.expired', data: { expires_at: SOON } };
const deleted: MemoryEvent = { type: 'memory.deleted', data: {} };
const create = { type: 'memory.create', data: fields } as const;
const update = (more: object) => ({ type: 'memory.update', data: { memory_id: 'it', ...more } }) as const;
const revoke = { type: 'memory.revoke', data: { memory_id: 'it', reason: 'wrong' } } as const;
const remove = { type: 'memory.delete', data: { memory_id: 'it' } } as const;
const expire = (expires_at: string) => ({ type: 'memory.expire', data: { memory_id: 'it', expires_at } }) as const;

describe('memory.create', () => {
  test('remembers, with the run that wrote it', () => {
    given().when(create).then(created);
    given()
      .when({ ...create, data: { ...fields, expires_at: SOON, source_run_id: 'run-1' } })
      .then({ type: 'memory.created', data: { ...data, expires_at: SOON, source_run_id: 'run-1' } });
  });
  test('refuses an id that is taken, and an expiry in the past', () => {
    given(created).when(create).thenRejected('memory-exists');
    given(created, deleted).when(create).thenRejected('memory-exists');
    given()
      .when({ ...create, data: { ...fields, expires_at: '2025-12-31T00:00:00.000Z' } })
      .thenRejected('expiry-in-the-past');
  });
});

describe('memory.update', () => {
  test('names only what changed', () => {
    given(created)
      .when(update({ content_text: 'Likes tea', importance_score: 90 }))
      .then({ type: 'memory.updated', data: { importance_score: 90 } });
    given(created)
      .when(update({ importance_score: 80 }))
      .then();
  });
  test('null takes the expiry away', () =>
    given(expiring)
      .when(update({ expires_at: null }))
      .then({ type: 'memory.updated', data: { expires_at: null } }));
  test('refuses an expiry in the past, and what is over', () => {
    given(created)
      .when(update({ expires_at: '2025-12-31T00:00:00.000Z' }))
      .thenRejected('expiry-in-the-past');
    for (const end of [revoked, expired])
      given(created, end)
        .when(update({ importance_score: 1 }))
        .thenRejected('memory-ended');
    given(created, deleted)
      .when(update({ importance_score: 1 }))
      .thenRejected('memory-not-found');
    given()
      .when(update({ importance_score: 1 }))
      .thenRejected('memory-not-found');
  });
});

describe('the end of a memory', () => {
  test('is once revoked', () => {
    given(created).when(revoke).then(revoked);
    given(created, revoked).when(revoke).then();
    given(expiring, expired).when(revoke).thenRejected('memory-ended');
    given().when(revoke).thenRejected('memory-not-found');
  });
  test('is once deleted, whatever it was', () => {
    for (const before of [[created], [created, revoked], [expiring, expired]])
      given(...before)
        .when(remove)
        .then(deleted);
    given(created, deleted).when(remove).then();
    given().when(remove).thenRejected('memory-not-found');
  });
  test('comes with the timer of its expiry, and not with one that was changed since', () => {
    given(expiring).when(expire(SOON)).then(expired);
    given(expiring, { type: 'memory.updated', data: { expires_at: LATER } })
      .when(expire(SOON))
      .then();
    for (const end of [revoked, deleted, expired]) given(expiring, end).when(expire(SOON)).then();
    given().when(expire(SOON)).then();
  });
});

test('every expiry has a timer of its own, which leads back to it', () => {
  const stream = { workspace_id: 'acme', category: 'memory', stream_id: 'it' };
  const timers = (event: MemoryEvent) => memoryFeature.timers?.(event, stream) ?? [];
  const [first] = timers(expiring);
  const [second] = timers({ type: 'memory.updated', data: { expires_at: LATER } });
  if (!first || 'cancel' in first) throw new Error('no timer');
  expect(first).toMatchObject({ due_at: SOON, target: stream });
  expect(second?.timer_id).not.toBe(first.timer_id);
  expect([created, deleted, { type: 'memory.updated', data: { importance_score: 1 } } as const].flatMap(timers)).toEqual([]);
  const due = (target: object) => ({ type: 'job.due', data: { target, payload: first.payload, due_at: SOON } });
  const react = (target: object) => memoryFeature.policies?.[0]?.react(logged(due(target)));
  expect(react({ category: 'memory', stream_id: 'it' })).toEqual([{ type: 'memory.expire', data: { memory_id: 'it', expires_at: SOON } }]);
  expect(react({ category: 'run', stream_id: 'it' })).toEqual([]);
});

test('the view is what it is now; a deleted one has none', () => {
  const view = (...events: MemoryEvent[]) => memoryView(events.reduce(memoryDecider.evolve, memoryDecider.initial), 'it');
  expect(view()).toBeNull();
  expect(view(created, revoked)).toEqual({ id: 'it', ...data, status: 'revoked', reason: 'wrong' });
  expect(view(created, { type: 'memory.updated', data: { importance_score: 1 } })).toMatchObject({ status: 'active', importance_score: 1 });
  expect(view(created, deleted)).toBeNull();
});

test('running any command twice never appends twice', () => {
  const text = fc.constantFrom('a', 'b');
  const time = fc.constantFrom(SOON, LATER);
  neverAppendsTwice(
    memoryDecider,
    fc.oneof<fc.Arbitrary<Pick<MemoryCommand, 'type' | 'data'>>[]>(
      fc.record({ content_text: text, expires_at: time }).map((more) => ({ type: 'memory.create' as const, data: { ...fields, ...more } })),
      fc.record({ content_text: text, expires_at: fc.option(time) }).map((more) => update(more)),
      time.map(expire),
      fc.constant(revoke),
      fc.constant(remove),
    ),
  );
});
