import { reject, type Lookup, type Rejection } from '@agent-platform/kernel/index';
import type { SkillInstallationCommand } from './skill-installation.decider.ts';

/** What is installed must be there. */
export async function prepareInstall(command: SkillInstallationCommand, lookup: Lookup): Promise<SkillInstallationCommand | Rejection> {
  if (command.type !== 'skill_installation.install') return command;
  const { skill_id } = command.data;
  // Skills say of themselves whether they are there; the rest of their state is their own business.
  const skill = (await lookup.state({ workspace_id: command.meta.workspace_id, category: 'skill', stream_id: skill_id })) as { status?: string } | null;
  return skill?.status === 'active' ? command : reject('missing', 'skill-not-found', `There is no skill "${skill_id}" in this workspace.`);
}
