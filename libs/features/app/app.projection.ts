import { readFileSync } from 'node:fs';
import { appContract } from '@agent-platform/contracts/app/app.contract';
import { given, type LoggedEvent, type Projection, type RowChange } from '@agent-platform/kernel/index';
import type { AppEvent } from './app.decider.ts';

type Typed = AppEvent & LoggedEvent;

/** Tables `apps` and `app_versions`. Versions outlive their app: what ran on them can still be looked up. */
export const appProjection: Projection = {
  name: 'app',
  version: 1,
  sql: readFileSync(new URL('./app.sql', import.meta.url), 'utf8'),
  events: Object.keys(appContract.events),
  project,
};

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id, version, time } = event;
  const app = { table: 'apps', key: { workspace_id, id: stream_id } };
  const touched = { version, updated_at: time };
  switch (event.type) {
    case 'app.created':
      return [{ ...app, set: { ...event.data, ...touched, created_at: time } }];
    case 'app.updated':
      return [{ ...app, set: { ...given(event.data), ...touched } }];
    case 'app.deleted':
      return [{ ...app, remove: true }];
    case 'app.version_created': {
      const { version_id, ...data } = event.data;
      return [
        { ...app, set: { latest_version_id: version_id, latest_number: data.number, ...touched } },
        { table: 'app_versions', key: { workspace_id, id: version_id }, set: { app_id: stream_id, ...data, ...touched, created_at: time } },
      ];
    }
  }
}
