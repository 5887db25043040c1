import { readFileSync } from 'node:fs';
import { toolContract } from '@agent-platform/contracts/tool/tool.contract';
import { given, type LoggedEvent, type Projection, type RowChange } from '@agent-platform/kernel/index';
import type { ToolEvent } from './tool.state.ts';

type Typed = ToolEvent & LoggedEvent;

/** Tables `tools`, `tool_versions` and `tool_bindings`. Versions and bindings outlive their tool, for looking things up. */
export const toolProjection: Projection = {
  name: 'tool',
  version: 3,
  sql: readFileSync(new URL('./tool.sql', import.meta.url), 'utf8'),
  events: Object.keys(toolContract.events),
  project,
};

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id, version, time } = event;
  const tool = { table: 'tools', key: { workspace_id, id: stream_id } };
  const touched = { version, updated_at: time };
  const made = { tool_id: stream_id, ...touched, created_at: time };
  switch (event.type) {
    case 'tool.created':
      return [{ ...tool, set: { ...event.data, ...touched, created_at: time } }];
    case 'tool.updated':
      return [{ ...tool, set: { ...given(event.data), ...touched } }];
    case 'tool.deleted':
      return [{ ...tool, remove: true }];
    case 'tool.version_created': {
      const { version_id, ...data } = event.data;
      return [
        { ...tool, set: { latest_version_id: version_id, latest_number: data.number, ...touched } },
        { table: 'tool_versions', key: { workspace_id, id: version_id }, set: { output_schema_json: null, check_output: true, ...given(data), ...made } },
      ];
    }
    case 'tool.binding_created': {
      const { binding_id, version_id, ...data } = event.data;
      return [
        { ...tool, set: touched },
        { table: 'tool_bindings', key: { workspace_id, id: binding_id }, set: { ...data, tool_version_id: version_id, ...made } },
      ];
    }
  }
}
