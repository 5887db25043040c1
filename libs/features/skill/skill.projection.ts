import { readFileSync } from 'node:fs';
import { skillContract } from '@agent-platform/contracts/skill/skill.contract';
import { given, type LoggedEvent, type Projection, type RowChange } from '@agent-platform/kernel/index';
import type { SkillEvent } from './skill.state.ts';

type Typed = SkillEvent & LoggedEvent;

/** Tables `skills` and `skill_versions`. Versions outlive their skill, for looking things up. */
export const skillProjection: Projection = {
  name: 'skill',
  version: 2,
  sql: readFileSync(new URL('./skill.sql', import.meta.url), 'utf8'),
  events: Object.keys(skillContract.events),
  project,
};

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id, version, time } = event;
  const skill = { table: 'skills', key: { workspace_id, id: stream_id } };
  const touched = { version, updated_at: time };
  switch (event.type) {
    case 'skill.created':
      return [
        {
          ...skill,
          set: { ...event.data, install_required: event.data.install_required ?? false, status: 'draft', install_count: 0, ...touched, created_at: time },
        },
      ];
    case 'skill.updated':
      return [{ ...skill, set: { ...given(event.data), ...touched } }];
    case 'skill.deleted':
      return [{ ...skill, remove: true }];
    case 'skill.version_created': {
      const { version_id, ...data } = event.data;
      return [
        { ...skill, set: { latest_version_id: version_id, latest_number: data.number, ...touched } },
        { table: 'skill_versions', key: { workspace_id, id: version_id }, set: { ...data, skill_id: stream_id, ...touched, created_at: time } },
      ];
    }
    case 'skill.published': {
      const { version_id, number } = event.data;
      return [{ ...skill, set: { status: 'published', published_version_id: version_id, published_number: number, ...touched } }];
    }
    case 'skill.installation_counted':
      return [{ ...skill, set: { install_count: event.data.install_count, ...touched } }];
  }
}
