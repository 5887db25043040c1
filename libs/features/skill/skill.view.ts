import type { JsonObject } from '@agent-platform/contracts/kit/index';
import { versionIdOf } from './skill.decider.ts';
import type { SkillCommand, SkillState } from './skill.state.ts';

/** The skill as commands answer it. */
export function skillView(state: SkillState, id: string): JsonObject | null {
  if (state.status !== 'active') return null;
  const { fields, published, versions, install_count } = state;
  const latest = versions.at(-1);
  return {
    id,
    ...fields,
    status: published ? 'published' : 'draft',
    published_version_id: published?.version_id ?? null,
    published_number: published?.number ?? null,
    latest_version_id: latest?.version_id ?? null,
    latest_number: latest?.number ?? null,
    install_count,
  };
}

/** The version that a command made. */
export function skillAnswer(command: SkillCommand, state: SkillState): { id: string; entity: JsonObject } | null {
  if (command.type !== 'skill.create_version') return null;
  const id = versionIdOf(command);
  const version = state.versions.find(({ version_id }) => version_id === id);
  if (!version) return null;
  const { version_id: _, ...rest } = version;
  const status = state.published?.version_id === id ? 'published' : 'draft';
  return { id, entity: { id, skill_id: command.meta.stream_id, status, ...rest } };
}
