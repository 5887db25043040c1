import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appDecider, appVersionAnswer, appView, type AppCommand, type AppEvent } from './app.decider.ts';
import { appFeature } from './index.ts';

const { given } = specFor(appDecider);
const created: AppEvent = { type: 'app.created', data: { code: 'sales', name: 'Sales', description: null } };
const deleted: AppEvent = { type: 'app.deleted', data: {} };
const version = (version_id: string, number: number, workflow_version_id: string | null = null): AppEvent => ({
  type: 'app.version_created',
  data: { version_id, number, workflow_id: null, workflow_version_id, config_json: {} },
});
const create = { type: 'app.create', data: { code: 'sales', name: 'Sales' } } as const;
const update = (data: object) => ({ type: 'app.update', data: { app_id: 'it', ...data } }) as const;
const remove = { type: 'app.delete', data: { app_id: 'it' } } as const;
const makeVersion = (data: object) => ({ type: 'app.create_version', data: { app_id: 'it', config_json: {}, ...data } }) as const;

describe('app.create', () => {
  test('makes an app', () => given().when(create).then(created));
  test('refuses an id that is taken, also by a deleted app', () => {
    given(created).when(create).thenRejected('app-exists');
    given(created, deleted).when(create).thenRejected('app-exists');
  });
});

describe('app.update', () => {
  test('names only what changed', () =>
    given(created)
      .when(update({ name: 'New', code: 'sales' }))
      .then({ type: 'app.updated', data: { name: 'New' } }));
  test('empties the description with null', () => {
    given(created, { type: 'app.updated', data: { description: 'text' } })
      .when(update({ description: null }))
      .then({ type: 'app.updated', data: { description: null } });
  });
  test('appends nothing when it is already so', () =>
    given(created)
      .when(update({ name: 'Sales' }))
      .then());
  test('refuses an unknown and a deleted app', () => {
    given()
      .when(update({ name: 'New' }))
      .thenRejected('app-not-found');
    given(created, deleted)
      .when(update({ name: 'New' }))
      .thenRejected('app-not-found');
  });
});

describe('app.delete', () => {
  test('deletes once', () => given(created).when(remove).then(deleted));
  test('is already so', () => given(created, deleted).when(remove).then());
  test('refuses an unknown app', () => given().when(remove).thenRejected('app-not-found'));
});

describe('app.create_version', () => {
  test('numbers grow by one', () => {
    given(created)
      .when(makeVersion({ app_version_id: 'v1' }))
      .then(version('v1', 1));
    given(created, version('v1', 1))
      .when(makeVersion({ app_version_id: 'v2', workflow_version_id: 'wfv' }))
      .then(version('v2', 2, 'wfv'));
  });
  test('makes an id of the command when none is given', () => {
    const { decision } = given(created).when(makeVersion({}));
    expect(decision).toMatchObject([{ data: { version_id: expect.stringMatching(/^[0-9a-f-]{36}$/), number: 1 } }]);
  });
  test('a version never changes', () => {
    given(created, version('v1', 1))
      .when(makeVersion({ app_version_id: 'v1' }))
      .then();
    given(created, version('v1', 1))
      .when(makeVersion({ app_version_id: 'v1', workflow_id: 'w' }))
      .thenRejected('app-version-exists');
  });
  test('refuses an unknown app', () => given().when(makeVersion({})).thenRejected('app-not-found'));
  test('answers the version', () => {
    const state = [created, version('v1', 1)].reduce(appDecider.evolve, appDecider.initial);
    const command = { ...makeVersion({ app_version_id: 'v1' }), meta: { stream_id: 'it' } } as unknown as AppCommand;
    expect(appVersionAnswer(command, state)).toMatchObject({ id: 'v1', entity: { id: 'v1', app_id: 'it', number: 1 } });
    expect(appView(state, 'it')).toEqual({ id: 'it', code: 'sales', name: 'Sales', description: null, latest_version_id: 'v1', latest_number: 1 });
  });
});

test('a code is held from creation to deletion, and changed in one commit', () => {
  const before = [created].reduce(appDecider.evolve, appDecider.initial);
  expect(appFeature.reservations?.(created, appDecider.initial)).toEqual([{ scope: 'app_code', key: 'sales' }]);
  expect(appFeature.reservations?.({ type: 'app.updated', data: { code: 'b' } }, before)).toEqual([
    { scope: 'app_code', key: 'sales', release: true },
    { scope: 'app_code', key: 'b' },
  ]);
  expect(appFeature.reservations?.({ type: 'app.updated', data: { name: 'b' } }, before)).toEqual([]);
  expect(appFeature.reservations?.(deleted, before)).toEqual([{ scope: 'app_code', key: 'sales', release: true }]);
  expect(appFeature.reservations?.(version('v1', 1), before)).toEqual([{ scope: 'app_version', key: 'v1' }]);
});

test('running any command twice never appends twice', () => {
  const word = fc.constantFrom('a', 'b');
  neverAppendsTwice(
    appDecider,
    fc.oneof<fc.Arbitrary<Pick<AppCommand, 'type' | 'data'>>[]>(
      fc.record({ type: fc.constant('app.create' as const), data: fc.record({ code: word, name: word }) }),
      fc.record({ type: fc.constant('app.update' as const), data: fc.record({ app_id: word, name: word, description: fc.constantFrom('a', null) }) }),
      fc.record({ type: fc.constant('app.delete' as const), data: fc.record({ app_id: word }) }),
      fc.record({
        type: fc.constant('app.create_version' as const),
        data: fc.record({ app_id: word, config_json: fc.constant({}), workflow_id: word, app_version_id: word }),
      }),
      fc.record({ type: fc.constant('app.create_version' as const), data: fc.record({ app_id: word, config_json: fc.constant({}) }) }),
    ),
  );
});
