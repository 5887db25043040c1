import { readFileSync } from 'node:fs';
import { skillInstallationContract } from '@agent-platform/contracts/skill-installation/skill-installation.contract';
import type { LoggedEvent, Projection, RowChange } from '@agent-platform/kernel/index';
import type { SkillInstallationEvent } from './skill-installation.decider.ts';

type Typed = SkillInstallationEvent & LoggedEvent;

/** Table `skill_installations`: those that are there. */
export const skillInstallationProjection: Projection = {
  name: 'skill_installation',
  version: 1,
  sql: readFileSync(new URL('./skill-installation.sql', import.meta.url), 'utf8'),
  events: Object.keys(skillInstallationContract.events),
  project: (event: Typed) => [project(event)],
};

function project(event: Typed): RowChange {
  const { workspace_id, stream_id, version, time } = event;
  const row = { table: 'skill_installations', key: { workspace_id, id: stream_id } };
  const touched = { version, updated_at: time };
  switch (event.type) {
    case 'skill_installation.installed':
      return { ...row, set: { ...event.data, status: 'enabled', ...touched, created_at: time } };
    case 'skill_installation.enabled':
      return { ...row, set: { status: 'enabled', ...touched } };
    case 'skill_installation.disabled':
      return { ...row, set: { status: 'disabled', ...touched } };
    case 'skill_installation.uninstalled':
      return { ...row, remove: true };
  }
}
