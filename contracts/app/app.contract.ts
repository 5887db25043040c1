import { z } from 'zod';
import { Code, defineContract, GetParams, Id, idExcept, JsonObject, Name, pageOf, PageParams, Time } from '../kit/index.ts';

const Description = z.string().max(5000);
/** What a version puts together. Ids are stored unchecked: the run that uses them checks. */
const parts = { workflow_id: Id.nullable(), workflow_version_id: Id.nullable(), config_json: JsonObject };

const events = {
  'app.created': {
    summary: 'An app was created.',
    version: 1,
    data: z.object({ code: Code, name: Name, description: Description.nullable() }),
  },
  'app.updated': {
    summary: 'Fields changed; only what changed is named.',
    version: 1,
    data: z.object({ code: Code.optional(), name: Name.optional(), description: Description.nullable().optional() }),
  },
  'app.deleted': { summary: 'The app was deleted.', version: 1, data: z.object({}) },
  'app.version_created': {
    summary: 'A version of the app was made, which never changes.',
    version: 1,
    data: z.object({ version_id: Id, number: z.int().min(1), ...parts }),
  },
} as const;

export const AppView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    code: Code,
    name: Name,
    description: Description.nullable(),
    latest_version_id: Id.nullable(),
    latest_number: z.int().nullable(),
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'App' });

export const AppVersionView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    app_id: Id,
    number: z.int(),
    ...parts,
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'AppVersion' });

const app = { app_id: Id };

export const appContract = defineContract({
  category: 'app',
  events,
  commands: {
    'app.create': {
      summary: 'Create an app. Its code is unique in the workspace.',
      target: 'app_id',
      creates: true,
      data: z.strictObject({ app_id: idExcept('versions').optional(), code: Code, name: Name, description: Description.optional() }),
      example: { app_id: 'app-1', code: 'sales_assistant', name: 'Sales Assistant' },
    },
    'app.update': {
      summary: 'Change fields of an app; what is not named stays. null empties the description.',
      target: 'app_id',
      data: z.strictObject({ ...app, code: Code.optional(), name: Name.optional(), description: Description.nullable().optional() }),
      example: { app_id: 'app-1', name: 'Assistant of the sales team' },
    },
    'app.delete': {
      summary: 'Delete an app; its code is free again.',
      target: 'app_id',
      data: z.strictObject(app),
      example: { app_id: 'app-1' },
    },
    'app.create_version': {
      summary: 'Make a version of an app. Versions never change.',
      target: 'app_id',
      data: z.strictObject({
        ...app,
        app_version_id: Id.optional(),
        workflow_id: Id.optional(),
        workflow_version_id: Id.optional(),
        config_json: JsonObject.default({}),
      }),
      example: { app_id: 'app-1', app_version_id: 'appv-1', workflow_version_id: 'wfv-1' },
    },
  },
  queries: {
    'app.get': { summary: 'One app.', params: z.object({ ...app, ...GetParams }), result: AppView },
    'app.list': {
      summary: 'Apps, newest first.',
      params: z.object({ ...PageParams, q: z.string().max(200).optional().meta({ description: 'Part of the name' }), code: Code.optional() }),
      result: pageOf(AppView),
    },
    'app.version': { summary: 'One version of an app.', params: z.object({ app_version_id: Id, ...GetParams }), result: AppVersionView },
    'app.versions': {
      summary: 'Versions of an app, newest first.',
      params: z.object({ app_id: Id.optional(), ...PageParams }),
      result: pageOf(AppVersionView),
    },
  },
  routes: [
    { method: 'POST', path: '/workflows/apps', command: 'app.create', status: 201 },
    { method: 'GET', path: '/workflows/apps', query: 'app.list' },
    { method: 'POST', path: '/workflows/apps/versions', command: 'app.create_version', status: 201 },
    { method: 'GET', path: '/workflows/apps/versions', query: 'app.versions' },
    { method: 'GET', path: '/workflows/apps/versions/{app_version_id}', query: 'app.version' },
    { method: 'GET', path: '/workflows/apps/{app_id}', query: 'app.get' },
    { method: 'PATCH', path: '/workflows/apps/{app_id}', command: 'app.update' },
    { method: 'PUT', path: '/workflows/apps/{app_id}', command: 'app.update' },
    { method: 'DELETE', path: '/workflows/apps/{app_id}', command: 'app.delete' },
    { method: 'POST', path: '/workflows/apps/{app_id}/versions', command: 'app.create_version', status: 201 },
    { method: 'GET', path: '/workflows/apps/{app_id}/versions', query: 'app.versions' },
  ],
});
