import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import type { skillInstallationContract } from '@agent-platform/contracts/skill-installation/skill-installation.contract';
import { reject, type Decider, type Decision } from '@agent-platform/kernel/index';

export type SkillInstallationCommand = CommandOf<typeof skillInstallationContract>;
export type SkillInstallationEvent = EventOf<typeof skillInstallationContract>;
type Installed = Extract<SkillInstallationEvent, { type: 'skill_installation.installed' }>['data'];

export interface SkillInstallationState {
  readonly status: 'none' | 'enabled' | 'disabled' | 'uninstalled';
  readonly installed: Installed | null;
}

function decide(command: SkillInstallationCommand, state: SkillInstallationState): Decision<SkillInstallationEvent> {
  if (command.type === 'skill_installation.install') return install(command, state);
  if (command.type === 'skill_installation.uninstall' && state.status === 'uninstalled') return [];
  if (!state.installed || state.status === 'uninstalled') {
    return reject('missing', 'skill-installation-not-found', `There is no installation "${command.meta.stream_id}" in this workspace.`);
  }
  const data = { skill_id: state.installed.skill_id };
  switch (command.type) {
    case 'skill_installation.enable':
      return state.status === 'enabled' ? [] : [{ type: 'skill_installation.enabled', data }];
    case 'skill_installation.disable':
      return state.status === 'disabled' ? [] : [{ type: 'skill_installation.disabled', data }];
    case 'skill_installation.uninstall':
      return [{ type: 'skill_installation.uninstalled', data }];
  }
}

type Install = Extract<SkillInstallationCommand, { type: 'skill_installation.install' }>;

function install({ data, meta }: Install, state: SkillInstallationState): Decision<SkillInstallationEvent> {
  if (state.status !== 'none') {
    return reject('conflict', 'skill-installation-exists', `There is, or was, an installation "${meta.stream_id}": take another installation_id.`);
  }
  const { skill_id, install_scope, scope_id = install_scope === 'workspace' ? meta.workspace_id : undefined, installed_by = meta.actor } = data;
  if (scope_id === undefined) {
    return reject('invalid', 'scope-missing', `It is not said which ${install_scope} the skill is for.`, [
      { field: '/scope_id', rule: `is required for the scope "${install_scope}"`, remedy: `give the id of the ${install_scope}` },
    ]);
  }
  const config_json = data.config_json ?? null;
  return [{ type: 'skill_installation.installed', data: { skill_id, install_scope, scope_id, installed_by, config_json } }];
}

function evolve(state: SkillInstallationState, event: SkillInstallationEvent): SkillInstallationState {
  switch (event.type) {
    case 'skill_installation.installed':
      return { status: 'enabled', installed: event.data };
    case 'skill_installation.enabled':
      return { ...state, status: 'enabled' };
    case 'skill_installation.disabled':
      return { ...state, status: 'disabled' };
    case 'skill_installation.uninstalled':
      return { ...state, status: 'uninstalled' };
  }
}

/** The installation as commands answer it. */
export const skillInstallationView = ({ status, installed }: SkillInstallationState, id: string): JsonObject | null =>
  installed && status !== 'uninstalled' ? { id, ...installed, status } : null;

export const skillInstallationDecider: Decider<SkillInstallationState, SkillInstallationCommand, SkillInstallationEvent> = {
  initial: { status: 'none', installed: null },
  decide,
  evolve,
};
