import { z } from 'zod';
import { Code, defineContract, GetParams, Id, idExcept, JsonObject, Name, pageOf, PageParams, ProblemField, Time } from '../kit/index.ts';
import { WorkflowDefinition, WorkflowEdge, WorkflowNode } from './definition.ts';

export const WorkflowStatus = z.enum(['draft', 'published']);
const WorkflowType = z.literal('dag');
const Description = z.string().max(5000);
const Yaml = z.string().min(1).max(1_000_000);

/**
 * The document, in one of three spellings: `nodes` and `edges`, the same inside `dsl_json`, or a YAML (or JSON)
 * text. Its shape is checked before the decision, so that a refusal can name the node and the field.
 */
const source = {
  nodes: z.array(JsonObject).max(10_000).optional().meta({ description: 'Nodes: see the JSON Schema of the workflow document' }),
  edges: z.array(JsonObject).max(50_000).optional().meta({ description: 'Edges: see the JSON Schema of the workflow document' }),
  dsl_json: JsonObject.optional().meta({ description: 'The whole document as an object' }),
  dsl_yaml: Yaml.optional().meta({ description: 'The whole document as YAML or JSON text' }),
};

const fields = { code: Code.nullable(), name: Name, description: Description.nullable(), app_id: Id.nullable() };
const version = { version_id: Id, number: z.int().min(1) };

const events = {
  'workflow.created': {
    summary: 'A workflow was created, with its first draft.',
    version: 1,
    data: z.object({ ...fields, type: WorkflowType, definition: WorkflowDefinition }),
  },
  'workflow.updated': {
    summary: 'Fields or the draft changed; only what changed is named.',
    version: 1,
    data: z.object({
      code: Code.nullable().optional(),
      name: Name.optional(),
      description: Description.nullable().optional(),
      app_id: Id.nullable().optional(),
      definition: WorkflowDefinition.optional(),
    }),
  },
  'workflow.deleted': { summary: 'The workflow was deleted; runs of its versions go on.', version: 1, data: z.object({}) },
  'workflow.version_created': {
    summary: 'A version was made, which never changes; it is the draft from now on.',
    version: 1,
    data: z.object({
      ...version,
      /** As it was given, unchanged. */
      dsl_json: JsonObject,
      /** Normalized: what runs execute. */
      definition: WorkflowDefinition,
      content_hash: z.string(),
    }),
  },
  'workflow.published': {
    summary: 'A version was published: runs that name no version take it.',
    version: 1,
    data: z.object({
      ...version,
      /** Version, in this stream, of the event that holds the definition. */
      definition_version: z.int().min(1),
    }),
  },
} as const;

export const WorkflowView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    code: Code.nullable(),
    name: Name,
    description: Description.nullable(),
    app_id: Id.nullable(),
    type: WorkflowType,
    status: WorkflowStatus,
    nodes: z.array(WorkflowNode).meta({ description: 'The draft, normalized' }),
    edges: z.array(WorkflowEdge),
    latest_version_id: Id.nullable(),
    latest_number: z.int().nullable(),
    published_version_id: Id.nullable(),
    published_number: z.int().nullable(),
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Workflow' });

export const WorkflowVersionView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    workflow_id: Id,
    number: z.int(),
    dsl_json: JsonObject.meta({ description: 'As it was given' }),
    definition: WorkflowDefinition.meta({ description: 'Normalized: equal for JSON and YAML spellings of one workflow' }),
    content_hash: z.string(),
    published_at: Time.nullable(),
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'WorkflowVersion' });

/** Body of the validate and plan routes, which store nothing. `strict` refuses node types that nobody here knows. */
export const ValidateWorkflow = z.strictObject({ ...source, strict: z.boolean().default(true) }).meta({ id: 'ValidateWorkflow' });

/** One thing wrong with a document, and what it is about. */
const Finding = ProblemField.extend({
  code: z.string(),
  node_id: z.string().optional(),
  node_ids: z.array(z.string()).optional().meta({ description: 'Nodes of a cycle, in order' }),
  edge: z.string().optional(),
  line: z.int().optional(),
  column: z.int().optional(),
});

/** Answer of the validate and plan routes; `plan` is null for a document that can't be read at all. */
export const WorkflowValidation = z
  .object({
    valid: z.boolean(),
    errors: z.array(Finding),
    warnings: z.array(Finding),
    plan: z
      .object({
        entry: z.array(Id).meta({ description: 'Nodes a run begins with' }),
        groups: z.array(z.array(Id)).meta({ description: 'Nodes that may run at the same time, in order' }),
        unordered: z.array(Id).meta({ description: 'Nodes that can never run: on a cycle, or behind one' }),
      })
      .nullable(),
  })
  .meta({ id: 'WorkflowValidation' });

const workflow = { workflow_id: Id };

export const workflowContract = defineContract({
  category: 'workflow',
  events,
  commands: {
    'workflow.create': {
      summary: 'Create a workflow with a draft, which may be empty.',
      target: 'workflow_id',
      creates: true,
      data: z.strictObject({
        workflow_id: idExcept('apps', 'versions', 'validate', 'plan', 'schema').optional(),
        code: Code.optional(),
        name: Name,
        description: Description.optional(),
        app_id: Id.optional(),
        type: WorkflowType.default('dag'),
        ...source,
      }),
      example: {
        workflow_id: 'greeting',
        name: 'Greeting',
        nodes: [{ id: 'greet', type: 'template-transform', config: { template: 'Hello {{ input.name }}' } }],
        edges: [],
      },
    },
    'workflow.update': {
      summary: 'Change fields or the draft; what is not named stays. null empties code, description and app_id.',
      target: 'workflow_id',
      data: z.strictObject({
        ...workflow,
        code: Code.nullable().optional(),
        name: Name.optional(),
        description: Description.nullable().optional(),
        app_id: Id.nullable().optional(),
        type: WorkflowType.optional(),
        ...source,
      }),
      example: { workflow_id: 'greeting', name: 'Greeting of customers' },
    },
    'workflow.delete': {
      summary: 'Delete a workflow. Its history stays, runs of its versions go on.',
      target: 'workflow_id',
      data: z.strictObject(workflow),
      example: { workflow_id: 'greeting' },
    },
    'workflow.create_version': {
      summary: 'Make a version of the given document, or of the draft when none is given. Versions never change.',
      target: 'workflow_id',
      data: z.strictObject({ ...workflow, workflow_version_id: Id.optional(), ...source }),
      example: { workflow_id: 'greeting', dsl_json: { nodes: [], edges: [] } },
    },
    'workflow.publish': {
      summary: 'Publish a version, or the draft: it gets a version of its own unless it is one already.',
      target: 'workflow_id',
      data: z.strictObject({ ...workflow, workflow_version_id: Id.optional() }),
      example: { workflow_id: 'greeting' },
    },
  },
  queries: {
    'workflow.get': { summary: 'One workflow.', params: z.object({ ...workflow, ...GetParams }), result: WorkflowView },
    'workflow.list': {
      summary: 'Workflows, newest first.',
      params: z.object({
        ...PageParams,
        q: z.string().max(200).optional().meta({ description: 'Part of the name' }),
        type: WorkflowType.optional(),
        status: WorkflowStatus.optional(),
        code: Code.optional(),
        app_id: Id.optional(),
      }),
      result: pageOf(WorkflowView),
    },
    'workflow.version': {
      summary: 'One version of a workflow.',
      params: z.object({ workflow_version_id: Id, ...GetParams }),
      result: WorkflowVersionView,
    },
    'workflow.versions': {
      summary: 'Versions of a workflow, newest first.',
      params: z.object({ workflow_id: Id.optional(), ...PageParams }),
      result: pageOf(WorkflowVersionView),
    },
  },
  routes: [
    { method: 'POST', path: '/workflows', command: 'workflow.create', status: 201 },
    { method: 'GET', path: '/workflows', query: 'workflow.list' },
    { method: 'POST', path: '/workflows/versions', command: 'workflow.create_version', status: 201 },
    { method: 'GET', path: '/workflows/versions', query: 'workflow.versions' },
    { method: 'GET', path: '/workflows/versions/{workflow_version_id}', query: 'workflow.version' },
    { method: 'GET', path: '/workflows/{workflow_id}', query: 'workflow.get' },
    { method: 'PATCH', path: '/workflows/{workflow_id}', command: 'workflow.update' },
    { method: 'PUT', path: '/workflows/{workflow_id}', command: 'workflow.update' },
    { method: 'DELETE', path: '/workflows/{workflow_id}', command: 'workflow.delete' },
    { method: 'POST', path: '/workflows/{workflow_id}/publish', command: 'workflow.publish' },
    { method: 'POST', path: '/workflows/{workflow_id}/versions', command: 'workflow.create_version', status: 201 },
    { method: 'GET', path: '/workflows/{workflow_id}/versions', query: 'workflow.versions' },
  ],
});
