import { WorkflowVersionView, WorkflowView } from '@agent-platform/contracts/workflow/workflow.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { EMPTY_DEFINITION } from './workflow.document.ts';
import { workflowProjection } from './workflow.projection.ts';

const node = { id: 'a', type: 'echo', config: {} };
const definition = { ...EMPTY_DEFINITION, nodes: [node] };
const created = {
  type: 'workflow.created',
  data: { code: null, name: 'Greeting', description: null, app_id: null, type: 'dag', definition: EMPTY_DEFINITION },
};
const version = {
  type: 'workflow.version_created',
  data: { version_id: 'v1', number: 1, dsl_json: { nodes: [node], edges: [] }, definition, content_hash: 'h' },
};
const published = { type: 'workflow.published', data: { version_id: 'v1', number: 1, definition_version: 2 } };

test('rows have the fields of the views', () => {
  const { workflows, workflow_versions } = tablesOf(workflowProjection, [created, version, published], { stream_id: 'w1' });
  expect(WorkflowView.parse({ ...unset(WorkflowView), ...workflows?.[0] })).toMatchObject({
    id: 'w1',
    status: 'published',
    nodes: [node],
    latest_number: 1,
    published_version_id: 'v1',
    published_number: 1,
    version: 3,
    created_at: '2026-01-01T00:00:01.000Z',
  });
  expect(WorkflowVersionView.parse(workflow_versions?.[0])).toMatchObject({
    id: 'v1',
    workflow_id: 'w1',
    dsl_json: { nodes: [node], edges: [] },
    published_at: '2026-01-01T00:00:03.000Z',
  });
});

test('an update changes only what it names', () => {
  const { workflows } = tablesOf(workflowProjection, [
    created,
    { type: 'workflow.updated', data: { name: 'New' } },
    { type: 'workflow.updated', data: { definition } },
  ]);
  expect(workflows).toMatchObject([{ name: 'New', nodes: [node], status: 'draft', version: 3, updated_at: '2026-01-01T00:00:03.000Z' }]);
});

test('a deleted workflow is gone, its versions are not', () => {
  const { workflows, workflow_versions } = tablesOf(workflowProjection, [created, version, { type: 'workflow.deleted', data: {} }]);
  expect(workflows).toEqual([]);
  expect(workflow_versions).toHaveLength(1);
});

/** Columns that no event has set are null. */
const unset = (view: { shape: object }) => Object.fromEntries(Object.keys(view.shape).map((column) => [column, null]));
