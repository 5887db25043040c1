import { ValidateWorkflow, WorkflowValidation } from '@agent-platform/contracts/workflow/workflow.contract';
import { expect, test } from 'vitest';
import { validateRequest } from './workflow.validate.ts';

const nodes = new Map();
const node = (id: string) => ({ id, type: 'any', config: {} });
const edge = (source: string, target: string) => ({ source, target });
const validate = (body: object) => WorkflowValidation.parse(validateRequest(ValidateWorkflow.parse({ strict: false, ...body }), nodes));

test('a diamond is valid and runs in three groups', () => {
  const body = { nodes: ['A', 'B', 'C', 'D'].map(node), edges: [edge('A', 'B'), edge('A', 'C'), edge('B', 'D'), edge('C', 'D')] };
  expect(validate(body)).toMatchObject({ valid: true, errors: [], plan: { entry: ['A'], groups: [['A'], ['B', 'C'], ['D']], unordered: [] } });
});

test('a cycle is not, with its nodes', () => {
  const answer = validate({ dsl_json: { nodes: ['A', 'B'].map(node), edges: [edge('A', 'B'), edge('B', 'A')] } });
  expect(answer).toMatchObject({ valid: false, errors: [{ code: 'cycle', node_ids: ['A', 'B'] }], plan: { unordered: ['A', 'B'] } });
});

test('strict refuses unknown types', () => {
  expect(validate({ nodes: [node('A')], strict: true })).toMatchObject({ valid: false, errors: [{ code: 'node-type-unknown', node_id: 'A' }] });
});

test('a text that can not be read has a line and no plan', () => {
  expect(validate({ dsl_yaml: 'nodes: [' })).toMatchObject({ valid: false, errors: [{ code: 'document-unreadable', line: expect.any(Number) }], plan: null });
});

test('no document at all is the empty one', () => {
  expect(validate({})).toMatchObject({ valid: true, plan: { entry: [], groups: [] } });
});
