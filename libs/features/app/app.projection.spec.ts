import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { AppVersionView, AppView } from '@agent-platform/contracts/app/app.contract';
import { appProjection } from './app.projection.ts';

const created = { type: 'app.created', data: { code: 'sales', name: 'Sales', description: null } };
const updated = { type: 'app.updated', data: { name: 'New' } };
const version = { type: 'app.version_created', data: { version_id: 'v1', number: 1, workflow_id: null, workflow_version_id: 'wfv', config_json: {} } };

test('rows have the fields of the views', () => {
  const { apps, app_versions } = tablesOf(appProjection, [created, updated, version], { stream_id: 'app-1' });
  expect(apps).toEqual([
    {
      workspace_id: 'acme',
      id: 'app-1',
      code: 'sales',
      name: 'New',
      description: null,
      latest_version_id: 'v1',
      latest_number: 1,
      version: 3,
      created_at: '2026-01-01T00:00:01.000Z',
      updated_at: '2026-01-01T00:00:03.000Z',
    },
  ]);
  expect(Object.keys(AppView.parse(apps?.[0]))).toHaveLength(10);
  expect(AppVersionView.parse(app_versions?.[0])).toMatchObject({ id: 'v1', app_id: 'app-1', number: 1, workflow_version_id: 'wfv', version: 3 });
});

test('a deleted app is gone, its versions are not', () => {
  const { apps, app_versions } = tablesOf(appProjection, [created, version, { type: 'app.deleted', data: {} }]);
  expect(apps).toEqual([]);
  expect(app_versions).toHaveLength(1);
});
