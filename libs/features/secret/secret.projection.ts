import { readFileSync } from 'node:fs';
import { secretContract } from '@agent-platform/contracts/secret/secret.contract';
import type { LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { SecretEvent } from './secret.decider.ts';

type Typed = SecretEvent & LoggedEvent;

/** Table `secrets`: names, no values. */
export const secretProjection: Projection = {
  name: 'secret',
  version: 1,
  sql: readFileSync(new URL('./secret.sql', import.meta.url), 'utf8'),
  events: Object.keys(secretContract.events),
  project,
};

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id: name, version, time } = event;
  const row = { table: 'secrets', key: { workspace_id, name } };
  const touched = { version, updated_at: time };
  switch (event.type) {
    case 'secret.created':
      return [{ ...row, set: { description: event.data.description, ...touched, created_at: time } }];
    case 'secret.rotated':
      return [{ ...row, set: touched }];
    case 'secret.deleted':
      return [{ ...row, remove: true }];
  }
}
