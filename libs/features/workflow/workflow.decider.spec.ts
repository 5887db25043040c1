import type { CommandMeta } from '@agent-platform/contracts/kit/index';
import { contentHash, normalize } from '@agent-platform/graph/index';
import { fold, isRejection } from '@agent-platform/kernel/index';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import type { AnyNode } from '@agent-platform/nodes/node';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createWorkflowFeature } from './index.ts';
import { createWorkflowDecider } from './workflow.decider.ts';
import { EMPTY_DEFINITION } from './workflow.document.ts';
import type { WorkflowCommand, WorkflowEvent } from './workflow.state.ts';
import { workflowAnswer, workflowView } from './workflow.view.ts';

const echo: AnyNode = {
  kind: 'pure',
  types: ['echo'],
  summary: 'says its text',
  config: z.strictObject({ text: z.string() }),
  evaluate: ({ text }: { text: string }) => ({ status: 'completed', output_json: null, output_text: text }),
};
const nodes = new Map([['echo', echo]]);
const decider = createWorkflowDecider(nodes);
const { given } = specFor(decider);

const hello = { id: 'hello', type: 'echo', config: { text: 'hi' } };
const bye = { id: 'bye', type: 'echo', config: { text: 'bye' } };
const edge = { source: 'hello', target: 'bye' };
const definitionOf = (list: (typeof hello)[], edges: (typeof edge)[] = []) => normalize({ dsl_version: '1', type: 'dag', nodes: list, edges });
const HELLO = definitionOf([hello]);
const BOTH = definitionOf([hello, bye], [edge]);
const BROKEN = definitionOf([{ ...hello, config: {} as { text: string } }]);

const fields = { code: null, name: 'Greeting', description: null, app_id: null };
const created = (definition = HELLO): WorkflowEvent => ({ type: 'workflow.created', data: { ...fields, type: 'dag', definition } });
const version = (version_id: string, number: number, definition = HELLO, dsl_json: object = definition): WorkflowEvent => ({
  type: 'workflow.version_created',
  data: { version_id, number, dsl_json: dsl_json as never, definition, content_hash: contentHash(definition) },
});
const published = (version_id: string, number: number, definition_version: number): WorkflowEvent => ({
  type: 'workflow.published',
  data: { version_id, number, definition_version },
});
const deleted: WorkflowEvent = { type: 'workflow.deleted', data: {} };

const create = (data: object) => ({ type: 'workflow.create', data: { name: 'Greeting', type: 'dag', ...data } }) as const;
const update = (data: object) => ({ type: 'workflow.update', data: { workflow_id: 'it', ...data } }) as const;
const remove = { type: 'workflow.delete', data: { workflow_id: 'it' } } as const;
const makeVersion = (data: object) => ({ type: 'workflow.create_version', data: { workflow_id: 'it', ...data } }) as const;
const publish = (data: object) => ({ type: 'workflow.publish', data: { workflow_id: 'it', ...data } }) as const;
const rejection = (decision: unknown) => (isRejection(decision) ? decision : null);

describe('workflow.create', () => {
  test('with nodes, with dsl_json and with YAML gives the same definition', () => {
    const event = created(BOTH);
    given()
      .when(create({ nodes: [hello, bye], edges: [edge] }))
      .then(event);
    given()
      .when(create({ dsl_json: { edges: [edge], nodes: [hello, bye] } }))
      .then(event);
    const yaml =
      'nodes:\n- {config: {text: hi}, type: echo, id: hello}\n- {id: bye, type: echo, config: {text: bye}}\nedges:\n- {target: bye, source: hello}\n';
    given()
      .when(create({ dsl_yaml: yaml }))
      .then(event);
  });
  test('without a document the draft is empty', () => given().when(create({})).then(created(EMPTY_DEFINITION)));
  test('refuses two spellings at once', () =>
    given()
      .when(create({ nodes: [], dsl_json: {} }))
      .thenRejected('workflow-invalid'));
  test('refuses text that can not be read, with its line', () => {
    const { decision } = given().when(create({ dsl_yaml: 'nodes: [\n' }));
    expect(rejection(decision)?.errors?.[0]?.rule).toMatch(/line 2/);
  });
  test('a node without type is refused by node and field', () => {
    const { decision } = given().when(create({ nodes: [{ id: 'hello', config: {} }] }));
    expect(rejection(decision)).toMatchObject({
      rejected: 'invalid',
      code: 'workflow-invalid',
      errors: [{ field: '/nodes/0/type', rule: expect.stringContaining('"hello"') }],
    });
  });
  test('an edge to nowhere is refused by its ends', () => {
    const { decision } = given().when(create({ nodes: [hello], edges: [edge] }));
    expect(rejection(decision)?.errors).toEqual([expect.objectContaining({ field: '/edges/0/target', rule: expect.stringContaining('hello -> bye') })]);
  });
  test('a cycle is refused with its nodes', () => {
    const { decision } = given().when(create({ nodes: [hello, bye], edges: [edge, { source: 'bye', target: 'hello' }] }));
    expect(rejection(decision)?.errors?.[0]?.rule).toContain('hello -> bye -> hello');
  });
  test('a half-drawn config is fine in a draft', () =>
    given()
      .when(create({ nodes: [{ ...hello, config: {} }] }))
      .then(created(BROKEN)));
  test('refuses an id that is taken', () => given(created()).when(create({})).thenRejected('workflow-exists'));
});

describe('workflow.update', () => {
  test('names only what changed', () =>
    given(created())
      .when(update({ name: 'New', code: null }))
      .then({ type: 'workflow.updated', data: { name: 'New' } }));
  test('edges alone leave the nodes', () => {
    const before = created(definitionOf([hello, bye]));
    given(before)
      .when(update({ edges: [edge] }))
      .then({ type: 'workflow.updated', data: { definition: BOTH } });
  });
  test('is already so', () =>
    given(created())
      .when(update({ name: 'Greeting', nodes: [hello] }))
      .then());
  test('refuses a wrong document and an unknown workflow', () => {
    given(created())
      .when(update({ nodes: [{}] }))
      .thenRejected('workflow-invalid');
    given().when(update({})).thenRejected('workflow-not-found');
    given(created(), deleted).when(update({})).thenRejected('workflow-not-found');
  });
});

describe('workflow.delete', () => {
  test('deletes once', () => given(created()).when(remove).then(deleted));
  test('is already so', () => given(created(), deleted).when(remove).then());
  test('refuses an unknown workflow', () => given().when(remove).thenRejected('workflow-not-found'));
});

describe('workflow.create_version', () => {
  test('keeps dsl_json as it was given and numbers grow by one', () => {
    const dsl_json = { nodes: [], edges: [] };
    given(created())
      .when(makeVersion({ workflow_version_id: 'v1', dsl_json }))
      .then(version('v1', 1, EMPTY_DEFINITION, dsl_json));
    given(created(), version('v1', 1))
      .when(makeVersion({ workflow_version_id: 'v2', dsl_json }))
      .then(version('v2', 2, EMPTY_DEFINITION, dsl_json));
  });
  test('without a document the draft becomes a version', () =>
    given(created(BOTH))
      .when(makeVersion({ workflow_version_id: 'v1' }))
      .then(version('v1', 1, BOTH)));
  test('a version never changes', () => {
    given(created(), version('v1', 1))
      .when(makeVersion({ workflow_version_id: 'v1' }))
      .then();
    given(created(), version('v1', 1))
      .when(makeVersion({ workflow_version_id: 'v1', dsl_json: { nodes: [], edges: [] } }))
      .thenRejected('workflow-version-exists');
  });
  test('refuses a wrong document and an unknown workflow', () => {
    given(created())
      .when(makeVersion({ dsl_json: { nodes: [{ id: 'a' }], edges: [] } }))
      .thenRejected('workflow-invalid');
    given().when(makeVersion({})).thenRejected('workflow-not-found');
  });
  test('answers the version with its number and document', () => {
    const command = { ...makeVersion({ workflow_version_id: 'v2', dsl_json: { nodes: [hello], edges: [] } }), meta: { stream_id: 'it' } as CommandMeta };
    const state = fold(decider, [created(), version('v1', 1, BOTH), version('v2', 2)]);
    expect(workflowAnswer(command as WorkflowCommand, state)).toMatchObject({
      id: 'v2',
      entity: { id: 'v2', workflow_id: 'it', number: 2, dsl_json: { nodes: [hello] }, definition: HELLO },
    });
  });
});

describe('workflow.publish', () => {
  test('makes a version of the draft and points to the event that holds it', () => {
    const { decision } = given(created()).when(publish({}));
    if (isRejection(decision)) throw new Error(decision.message);
    const [made, event] = decision;
    expect(made).toMatchObject({ type: 'workflow.version_created', data: { number: 1, definition: HELLO } });
    expect(event).toMatchObject({ type: 'workflow.published', data: { number: 1, definition_version: 2 } });
    const state = fold(decider, [created(), ...decision]);
    expect(state).toMatchObject({ status: 'published', published: { number: 1 }, stream_version: 3 });
    expect(workflowView(state, 'it')).toMatchObject({ status: 'published', published_number: 1, latest_number: 1, nodes: [{ id: 'hello' }] });
  });
  test('takes the newest version when the draft is one already', () => {
    given(created(EMPTY_DEFINITION), version('v1', 1))
      .when(publish({}))
      .then(published('v1', 1, 2));
    given(created(), version('v1', 1), published('v1', 1, 2))
      .when(publish({}))
      .then();
  });
  test('a changed draft becomes the next version', () => {
    const history = [created(), version('v1', 1), published('v1', 1, 2), { type: 'workflow.updated', data: { definition: BOTH } } as WorkflowEvent];
    const { decision } = given(...history).when(publish({}));
    expect(decision).toMatchObject([{ data: { number: 2, definition: BOTH } }, { data: { number: 2, definition_version: 5 } }]);
  });
  test('publishes an older version by name, with the definition that was looked up', () => {
    given(created(), version('v1', 1), version('v2', 2, BOTH))
      .when(publish({ workflow_version_id: 'v1', definition: HELLO }))
      .then(published('v1', 1, 2));
  });
  test('refuses an unknown version and an unknown workflow', () => {
    given(created())
      .when(publish({ workflow_version_id: 'v9' }))
      .thenRejected('workflow-version-not-found');
    given().when(publish({})).thenRejected('workflow-not-found');
  });
  test('refuses an invalid draft, an invalid version and an empty one, naming what is wrong', () => {
    const { decision } = given(created(BROKEN)).when(publish({}));
    expect(rejection(decision)).toMatchObject({
      rejected: 'invalid',
      code: 'workflow-invalid',
      errors: [{ field: '/nodes/0/config/text', rule: expect.stringContaining('"hello"') }],
    });
    given(created(), version('v1', 1, BROKEN))
      .when(publish({ workflow_version_id: 'v1', definition: BROKEN }))
      .thenRejected('workflow-invalid');
    given(created(EMPTY_DEFINITION)).when(publish({})).thenRejected('workflow-invalid');
  });
  test('refuses a type nobody knows, unless a default executor takes it', () => {
    const strange = definitionOf([{ ...hello, type: 'strange' }]);
    given(created(strange)).when(publish({})).thenRejected('workflow-invalid');
    const lenient = createWorkflowDecider(Object.assign(new Map(nodes), { fallback: echo }));
    const { decision } = specFor(lenient).given(created(strange)).when(publish({}));
    expect(isRejection(decision)).toBe(false);
  });
});

test('a code is held while the workflow lives, a version id for ever', () => {
  const feature = createWorkflowFeature({ nodes });
  const coded = (code: string | null): WorkflowEvent => ({ type: 'workflow.created', data: { ...fields, code, type: 'dag', definition: HELLO } });
  const before = fold(decider, [coded('a')]);
  expect(feature.reservations?.(coded('a'), decider.initial)).toEqual([{ scope: 'workflow_code', key: 'a' }]);
  expect(feature.reservations?.(coded(null), decider.initial)).toEqual([]);
  expect(feature.reservations?.({ type: 'workflow.updated', data: { code: null } }, before)).toEqual([{ scope: 'workflow_code', key: 'a', release: true }]);
  expect(feature.reservations?.({ type: 'workflow.updated', data: { name: 'b' } }, before)).toEqual([]);
  expect(feature.reservations?.(deleted, before)).toEqual([{ scope: 'workflow_code', key: 'a', release: true }]);
  expect(feature.reservations?.(version('v1', 1), before)).toEqual([{ scope: 'workflow_version', key: 'v1' }]);
  expect(feature.reservations?.(published('v1', 1, 2), before)).toEqual([]);
});

test('running any command twice never appends twice', () => {
  const data = fc.record({ nodes: fc.subarray([hello, bye]), name: fc.constantFrom('a', 'b') }, { requiredKeys: ['name'] });
  const id = fc.record({ workflow_version_id: fc.constantFrom('v1', 'v2') }, { requiredKeys: [] });
  neverAppendsTwice(
    decider,
    fc.oneof<fc.Arbitrary<Pick<WorkflowCommand, 'type' | 'data'>>[]>(
      data.map((given) => create(given)),
      data.map((given) => update(given)),
      fc.constant(remove),
      fc.tuple(id, data).map(([which, { nodes: list }]) => makeVersion({ ...which, ...(list && { nodes: list }) })),
      fc.constant(publish({})),
      fc.constantFrom('v1', 'v2').map((workflow_version_id) => publish({ workflow_version_id, definition: HELLO })),
    ),
  );
});
