import { z } from 'zod';
import { Code, defineContract, GetParams, Id, idExcept, JsonObject, Name, pageOf, PageParams, Time } from '../kit/index.ts';
import { RuntimeType, SkillFiles, SkillResources } from './implementation.ts';

const SkillType = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'must be 1 to 40 lower-case letters, digits, "-" or "_"')
  .meta({ description: 'What kind of skill it is, for people to sort by; the version says what carries it out' });
const Description = z.string().max(5000);
const Status = z.enum(['draft', 'published']);
const InstallRequired = z.boolean().meta({ description: 'Whether runs must name a scope that the skill is installed for; without one, the workspace counts' });

const version = {
  version_id: Id,
  number: z.int().min(1),
  runtime_type: RuntimeType,
  parameter_schema_json: JsonObject,
  output_schema_json: JsonObject,
  implementation_json: JsonObject,
};

const events = {
  'skill.created': {
    summary: 'A skill was created.',
    version: 1,
    data: z.object({ code: Code, name: Name, skill_type: SkillType, description: Description.nullable(), install_required: InstallRequired.optional() }),
  },
  'skill.updated': {
    summary: 'Fields changed; only what changed is named.',
    version: 1,
    data: z.object({
      code: Code.optional(),
      name: Name.optional(),
      skill_type: SkillType.optional(),
      description: Description.nullable().optional(),
      install_required: InstallRequired.optional(),
    }),
  },
  'skill.deleted': { summary: 'The skill was deleted: it can be run no more.', version: 1, data: z.object({}) },
  'skill.version_created': { summary: 'A version was made, which never changes.', version: 1, data: z.object(version) },
  'skill.published': {
    summary: 'A version was published: runs that name no version take it.',
    version: 1,
    data: z.object({ version_id: Id, number: z.int().min(1) }),
  },
  'skill.installation_counted': {
    summary: 'An installation came or went; the count is what it is now.',
    version: 1,
    data: z.object({ installation_id: Id, installed: z.boolean(), install_count: z.int().min(0) }),
  },
} as const;

const row = { workspace_id: z.string(), version: z.int().meta({ description: 'Version of the stream' }), created_at: Time, updated_at: Time };

export const SkillView = z
  .object({
    id: Id,
    code: Code,
    name: Name,
    skill_type: SkillType,
    description: Description.nullable(),
    status: Status,
    published_version_id: Id.nullable(),
    published_number: z.int().nullable(),
    latest_version_id: Id.nullable(),
    latest_number: z.int().nullable(),
    install_count: z.int(),
    install_required: InstallRequired,
    ...row,
  })
  .meta({ id: 'Skill' });

export const SkillVersionView = z
  .object({
    id: Id,
    skill_id: Id,
    number: z.int(),
    runtime_type: RuntimeType,
    parameter_schema_json: JsonObject,
    output_schema_json: JsonObject,
    implementation_json: JsonObject,
    ...row,
  })
  .meta({ id: 'SkillVersion' });

const skill = { skill_id: Id };
const NewSkillId = idExcept('versions', 'installations', 'runs', 'import', 'marketplace');

export const skillContract = defineContract({
  category: 'skill',
  events,
  commands: {
    'skill.create': {
      summary: 'Create a skill.',
      target: 'skill_id',
      creates: true,
      data: z.strictObject({
        skill_id: NewSkillId.optional(),
        code: Code,
        name: Name,
        skill_type: SkillType.default('template'),
        description: Description.optional(),
        install_required: InstallRequired.optional(),
      }),
      example: { code: 'hello_user', name: 'Hello User', skill_type: 'template' },
    },
    'skill.update': {
      summary: 'Change fields of a skill.',
      target: 'skill_id',
      data: z.strictObject({
        ...skill,
        code: Code.optional(),
        name: Name.optional(),
        skill_type: SkillType.optional(),
        description: Description.nullable().optional(),
        install_required: InstallRequired.optional(),
      }),
      example: { skill_id: 'hello-user', name: 'Greet the user' },
    },
    'skill.delete': {
      summary: 'Delete a skill; its code is free again.',
      target: 'skill_id',
      data: z.strictObject(skill),
      example: { skill_id: 'hello-user' },
    },
    'skill.create_version': {
      summary: 'Make a version: parameters, result, and what carries it out. Versions never change.',
      target: 'skill_id',
      data: z.strictObject({
        ...skill,
        skill_version_id: Id.optional(),
        status: Status.default('draft').meta({ description: 'published: it is published at once' }),
        runtime_type: RuntimeType,
        parameter_schema_json: JsonObject.default({}).meta({ description: 'JSON Schema, or a plain map of properties; empty: anything' }),
        output_schema_json: JsonObject.default({}).meta({ description: 'JSON Schema, or a plain map of properties; empty: anything' }),
        implementation_json: JsonObject,
      }),
      example: {
        skill_id: 'hello-user',
        status: 'published',
        runtime_type: 'template',
        parameter_schema_json: { name: { type: 'string' } },
        implementation_json: { template: 'Hello $name' },
      },
    },
    'skill.publish': {
      summary: 'Publish a version; without one the newest.',
      target: 'skill_id',
      data: z.strictObject({ ...skill, skill_version_id: Id.optional() }),
      example: { skill_id: 'hello-user' },
    },
    'skill.import': {
      summary: 'Make a skill of a SKILL.md folder, as a published version of the prompt runtime; a skill that is there gets a new version.',
      target: 'skill_id',
      creates: true,
      data: z.strictObject({
        skill_id: NewSkillId.optional(),
        code: Code.optional().meta({ description: 'Absent: the name in the front matter' }),
        files: SkillFiles.meta({ description: 'Text of the files by path inside the folder; SKILL.md must be one of them' }),
        resources: SkillResources.optional().meta({ description: 'Other files: what an upload of the folder, as a zip or a form, makes of them' }),
      }),
      example: { files: { 'SKILL.md': '---\nname: release-notes\ndescription: Writes release notes.\n---\nWrite one line for each change.\n' } },
    },
    'skill.count_installation': {
      summary: 'Note that an installation came or went.',
      target: 'skill_id',
      internal: true,
      data: z.strictObject({ ...skill, installation_id: Id, installed: z.boolean() }),
      example: { skill_id: 'hello-user', installation_id: 'installation-1', installed: true },
    },
  },
  queries: {
    'skill.get': { summary: 'One skill.', params: z.object({ ...skill, ...GetParams }), result: SkillView },
    'skill.list': {
      summary: 'Skills, newest first.',
      params: z.object({
        ...PageParams,
        q: z.string().max(200).optional().meta({ description: 'Part of the name' }),
        code: Code.optional(),
        skill_type: SkillType.optional(),
        status: Status.optional(),
      }),
      result: pageOf(SkillView),
    },
    'skill.marketplace': {
      summary: 'Published skills with how often they are installed, newest first.',
      params: z.object({
        ...PageParams,
        q: z.string().max(200).optional().meta({ description: 'Part of the name' }),
        skill_type: SkillType.optional(),
        status: z.literal('published').default('published'),
      }),
      result: pageOf(SkillView),
    },
    'skill.version': { summary: 'One version of a skill.', params: z.object({ skill_version_id: Id, ...GetParams }), result: SkillVersionView },
    'skill.versions': {
      summary: 'Versions of a skill, newest first.',
      params: z.object({ skill_id: Id.optional(), ...PageParams }),
      result: pageOf(SkillVersionView),
    },
  },
  routes: [
    { method: 'POST', path: '/skills', command: 'skill.create', status: 201 },
    { method: 'GET', path: '/skills', query: 'skill.list' },
    { method: 'GET', path: '/skills/marketplace', query: 'skill.marketplace' },
    { method: 'POST', path: '/skills/import', command: 'skill.import', status: 201 },
    { method: 'POST', path: '/skills/versions', command: 'skill.create_version', status: 201 },
    { method: 'GET', path: '/skills/versions', query: 'skill.versions' },
    { method: 'GET', path: '/skills/versions/{skill_version_id}', query: 'skill.version' },
    { method: 'GET', path: '/skills/{skill_id}', query: 'skill.get' },
    { method: 'PATCH', path: '/skills/{skill_id}', command: 'skill.update' },
    { method: 'PUT', path: '/skills/{skill_id}', command: 'skill.update' },
    { method: 'DELETE', path: '/skills/{skill_id}', command: 'skill.delete' },
    { method: 'POST', path: '/skills/{skill_id}/publish', command: 'skill.publish' },
  ],
});
