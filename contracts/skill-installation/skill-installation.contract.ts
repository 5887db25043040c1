import { z } from 'zod';
import { defineContract, GetParams, Id, JsonValue, pageOf, PageParams, Time } from '../kit/index.ts';

/** For whom a skill is installed. */
export const InstallScope = z.enum(['agent', 'team', 'app', 'user', 'workspace']);
/** Whose agent, team, app, user or workspace it is; ids of other systems are possible. */
export const ScopeId = Id;
const Person = z.string().min(1).max(200);
const Status = z.enum(['enabled', 'disabled']);

const which = { skill_id: Id, install_scope: InstallScope, scope_id: ScopeId };

const events = {
  'skill_installation.installed': {
    summary: 'A skill was installed for a scope.',
    version: 1,
    data: z.object({ ...which, installed_by: Person, config_json: JsonValue }),
  },
  'skill_installation.enabled': { summary: 'The skill may be used in the scope again.', version: 1, data: z.object({ skill_id: Id }) },
  'skill_installation.disabled': { summary: 'The skill may not be used in the scope until it is enabled again.', version: 1, data: z.object({ skill_id: Id }) },
  'skill_installation.uninstalled': { summary: 'The installation was taken away.', version: 1, data: z.object({ skill_id: Id }) },
} as const;

export const SkillInstallationView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    ...which,
    installed_by: Person,
    config_json: JsonValue,
    status: Status,
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'SkillInstallation' });

const installation = { installation_id: Id };

export const skillInstallationContract = defineContract({
  category: 'skill_installation',
  events,
  commands: {
    'skill_installation.install': {
      summary: 'Install a skill for an agent, a team, an app, a user or the workspace; once for each.',
      target: 'installation_id',
      creates: true,
      data: z.strictObject({
        installation_id: Id.optional(),
        ...which,
        scope_id: ScopeId.optional().meta({ description: 'Only for the scope workspace may it be left out' }),
        installed_by: Person.optional().meta({ description: 'Absent: who asks' }),
        config_json: JsonValue.optional().meta({ description: 'Kept for whoever uses the installation' }),
      }),
      example: { skill_id: 'hello-user', install_scope: 'workspace', scope_id: 't1', installed_by: 'user-1' },
    },
    'skill_installation.enable': {
      summary: 'Let the skill be used in the scope again.',
      target: 'installation_id',
      data: z.strictObject(installation),
      example: { installation_id: 'installation-1' },
    },
    'skill_installation.disable': {
      summary: 'Keep the skill from being used in the scope.',
      target: 'installation_id',
      data: z.strictObject(installation),
      example: { installation_id: 'installation-1' },
    },
    'skill_installation.uninstall': {
      summary: 'Take an installation away; it can be installed anew.',
      target: 'installation_id',
      data: z.strictObject(installation),
      example: { installation_id: 'installation-1' },
    },
  },
  queries: {
    'skill_installation.get': { summary: 'One installation.', params: z.object({ ...installation, ...GetParams }), result: SkillInstallationView },
    'skill_installation.list': {
      summary: 'Installations, newest first.',
      params: z.object({
        ...PageParams,
        skill_id: Id.optional(),
        install_scope: InstallScope.optional(),
        scope_id: ScopeId.optional(),
        status: Status.optional(),
      }),
      result: pageOf(SkillInstallationView),
    },
  },
  routes: [
    { method: 'POST', path: '/skills/installations', command: 'skill_installation.install', status: 201 },
    { method: 'GET', path: '/skills/installations', query: 'skill_installation.list' },
    { method: 'GET', path: '/skills/installations/{installation_id}', query: 'skill_installation.get' },
    { method: 'POST', path: '/skills/installations/{installation_id}/enable', command: 'skill_installation.enable' },
    { method: 'POST', path: '/skills/installations/{installation_id}/disable', command: 'skill_installation.disable' },
    { method: 'DELETE', path: '/skills/installations/{installation_id}', command: 'skill_installation.uninstall' },
  ],
});
