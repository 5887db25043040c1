import { z } from 'zod';
import { Id } from '../kit/ids.ts';
import { InstallScope } from '../skill-installation/skill-installation.contract.ts';
import { Template, TemplateObject } from './template.field.ts';

export const SkillConfig = z
  .strictObject({
    skill_id: Id.optional().meta({ description: 'Skill to run, in its published version' }),
    skill_code: z.string().min(1).max(100).optional().meta({ description: 'Instead of skill_id' }),
    skill_version_id: Id.optional().meta({ description: 'Another version than the published one' }),
    input: TemplateObject.default({}).meta({ description: 'Parameters of the skill' }),
    install_scope: InstallScope.optional().meta({ description: 'With it the skill must be installed for this scope, and enabled' }),
    scope_id: Template.optional().meta({ description: 'Whose agent, team, app or user it is; absent for the scope workspace' }),
    timeout_seconds: z.number().positive().max(31_536_000).default(3600),
  })
  .refine(({ skill_id, skill_code }) => (skill_id === undefined) !== (skill_code === undefined), {
    path: ['skill_id'],
    message: 'give either "skill_id" or "skill_code"',
  })
  .meta({ id: 'SkillNodeConfig', description: 'Runs a skill and waits for its result' });
export type SkillConfig = z.output<typeof SkillConfig>;
