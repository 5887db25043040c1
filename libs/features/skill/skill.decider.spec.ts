import type { CommandMeta } from '@agent-platform/contracts/kit/index';
import { fold } from '@agent-platform/kernel/index';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { skillFeature } from './index.ts';
import { skillDecider } from './skill.decider.ts';
import type { SkillCommand, SkillEvent, SkillVersion } from './skill.state.ts';

const { given } = specFor(skillDecider);
const created: SkillEvent = { type: 'skill.created', data: { code: 'hello', name: 'Hello', skill_type: 'template', description: null } };
const deleted: SkillEvent = { type: 'skill.deleted', data: {} };
const contents = { runtime_type: 'template', parameter_schema_json: {}, output_schema_json: {}, implementation_json: { template: 'Hi $name' } } as const;
const made = (version_id: string, number: number, more: Partial<SkillVersion> = {}): SkillEvent => ({
  type: 'skill.version_created',
  data: { version_id, number, ...contents, ...more },
});
const published = (version_id: string, number: number): SkillEvent => ({ type: 'skill.published', data: { version_id, number } });
const counted = (installation_id: string, installed: boolean, install_count: number): SkillEvent => ({
  type: 'skill.installation_counted',
  data: { installation_id, installed, install_count },
});
const create = { type: 'skill.create', data: { code: 'hello', name: 'Hello', skill_type: 'template' } } as const;
const update = (data: object) => ({ type: 'skill.update', data: { skill_id: 'it', ...data } }) as const;
const remove = { type: 'skill.delete', data: { skill_id: 'it' } } as const;
const makeVersion = (data: object) => ({ type: 'skill.create_version', data: { skill_id: 'it', status: 'draft', ...contents, ...data } }) as const;
const publish = (data: object = {}) => ({ type: 'skill.publish', data: { skill_id: 'it', ...data } }) as const;
const count = (installation_id: string, installed: boolean) =>
  ({ type: 'skill.count_installation', data: { skill_id: 'it', installation_id, installed } }) as const;
const folder = (body: string) => ({ type: 'skill.import', data: { files: { 'SKILL.md': `---\nname: hello\ndescription: Greets.\n---\n${body}` } } }) as const;

test('skill.create makes a skill, and refuses an id that is taken, also by a deleted one', () => {
  given().when(create).then(created);
  given(created).when(create).thenRejected('skill-exists');
  given(created, deleted).when(create).thenRejected('skill-exists');
});

test('skill.update names only what changed', () => {
  given(created)
    .when(update({ name: 'New', code: 'hello' }))
    .then({ type: 'skill.updated', data: { name: 'New' } });
  given(created)
    .when(update({ description: null }))
    .then();
  given().when(update({})).thenRejected('skill-not-found');
});

test('skill.delete deletes once', () => {
  given(created).when(remove).then(deleted);
  given(created, deleted).when(remove).then();
});

describe('skill.create_version', () => {
  test('numbers grow by one; with the status it is published at once', () => {
    given(created)
      .when(makeVersion({ skill_version_id: 'v1' }))
      .then(made('v1', 1));
    given(created, made('v1', 1))
      .when(makeVersion({ skill_version_id: 'v2', status: 'published' }))
      .then(made('v2', 2), published('v2', 2));
  });
  test('a version never changes', () => {
    given(created, made('v1', 1))
      .when(makeVersion({ skill_version_id: 'v1' }))
      .then();
    given(created, made('v1', 1))
      .when(makeVersion({ skill_version_id: 'v1', implementation_json: { template: 'x' } }))
      .thenRejected('skill-version-exists');
  });
  test.each([
    ['template', {}],
    ['prompt', { template: 'x' }],
    ['workflow', { workflow_id: 'a b' }],
    ['tool', { steps: [] }],
    ['tool', { steps: [{ id: 'a' }] }],
    ['tool', { steps: [1, 2].map(() => ({ id: 'a', url: 'https://shop.example' })) }],
    ['code', { language: 'cobol', code: 'x' }],
  ] as const)('refuses %s %j', (runtime_type, implementation_json) =>
    given(created).when(makeVersion({ runtime_type, implementation_json })).thenRejected('skill-version-invalid'),
  );
});

test('skill.publish takes the newest or the named version, once', () => {
  given(created).when(publish()).thenRejected('skill-without-version');
  given(created, made('v1', 1), made('v2', 2)).when(publish()).then(published('v2', 2));
  given(created, made('v1', 1), made('v2', 2))
    .when(publish({ skill_version_id: 'v1' }))
    .then(published('v1', 1));
  given(created, made('v1', 1))
    .when(publish({ skill_version_id: 'v9' }))
    .thenRejected('skill-version-not-found');
});

test('skill.count_installation counts each once, in whatever order news come', () => {
  given(created)
    .when(count('i1', true))
    .then(counted('i1', true, 1));
  given(created, counted('i1', true, 1))
    .when(count('i2', true))
    .then(counted('i2', true, 2));
  given(created, counted('i1', true, 1))
    .when(count('i1', false))
    .then(counted('i1', false, 0));
  given(created)
    .when(count('i1', false))
    .then(counted('i1', false, 0));
  given(created, counted('i1', false, 0))
    .when(count('i1', true))
    .then();
});

test('skill.import makes a skill, and a version only of what changed', () => {
  const version = { runtime_type: 'prompt', parameter_schema_json: expect.anything(), implementation_json: { instructions: 'Greet.', prompt: '$request' } };
  const { decision } = given().when(folder('Greet.'));
  expect(decision).toMatchObject([{ data: { code: 'hello', name: 'hello', description: 'Greets.' } }, { data: version }, { type: 'skill.published' }]);
  const history = decision as SkillEvent[];
  given(...history)
    .when(folder('Greet.'))
    .then();
  expect(given(...history).when(folder('Bow.')).decision).toMatchObject([{ data: { number: 2 } }, { data: { number: 2 } }]);
  given(...history, deleted)
    .when(folder('Bow.'))
    .thenRejected('skill-exists');
});

test('commands answer the part they made; a deleted skill has no view', () => {
  const state = fold(skillDecider, [created, made('v1', 1), published('v1', 1)]);
  const meta = { stream_id: 'it' } as CommandMeta;
  expect(skillFeature.answer?.({ ...makeVersion({ skill_version_id: 'v1' }), meta }, state)).toMatchObject({
    id: 'v1',
    entity: { number: 1, status: 'published' },
  });
  expect(skillFeature.answer?.({ ...remove, meta }, state)).toBeNull();
  expect(skillFeature.view(state, 'it')).toMatchObject({ id: 'it', status: 'published', latest_number: 1, install_count: 0 });
  expect(skillFeature.view(fold(skillDecider, [created, deleted]), 'it')).toBeNull();
});

test('a code is held while the skill lives; ids of versions for ever', () => {
  const before = fold(skillDecider, [created]);
  const mine = { scope: 'skill_code', key: 'hello' };
  expect(skillFeature.reservations?.(created, skillDecider.initial)).toEqual([mine]);
  expect(skillFeature.reservations?.({ type: 'skill.updated', data: { code: 'b' } }, before)).toEqual([
    { ...mine, release: true },
    { ...mine, key: 'b' },
  ]);
  expect(skillFeature.reservations?.(deleted, before)).toEqual([{ ...mine, release: true }]);
  expect(skillFeature.reservations?.(made('v1', 1), before)).toEqual([{ scope: 'skill_version', key: 'v1' }]);
});

test('running any command twice never appends twice', () => {
  const word = fc.constantFrom('a', 'b');
  neverAppendsTwice(
    skillDecider,
    fc.oneof<fc.Arbitrary<Pick<SkillCommand, 'type' | 'data'>>[]>(
      fc.constant(create),
      word.map((name) => update({ name })),
      fc.constant(remove),
      fc.record({ skill_version_id: word, status: fc.constantFrom('draft', 'published') }, { requiredKeys: ['status'] }).map(makeVersion),
      fc.record({ skill_version_id: word }, { requiredKeys: [] }).map(publish),
      word.map(folder),
      fc.tuple(word, fc.boolean()).map(([id, installed]) => count(id, installed)),
    ),
  );
});
