import { reject, type Lookup, type Rejection } from '@agent-platform/kernel/index';
import { compileInputSchema } from '@agent-platform/nodes/input-schema';
import { loadProgram } from './skill-run.load.ts';
import { isPure, type SkillVersions } from './skill-run.program.ts';
import type { SkillRunCommand, SkillRunState } from './skill-run.state.ts';

type Create = Extract<SkillRunCommand, { type: 'skill_run.create' }>;

/** Pins the version of skill_run.create and checks the input against it. */
export async function prepareCreate(command: SkillRunCommand, lookup: Lookup): Promise<SkillRunCommand | Rejection> {
  if (command.type !== 'skill_run.create') return command;
  const { data, meta } = command;
  const skill_id = data.skill_id ?? (await lookup.holder(meta.workspace_id, 'skill_code', data.skill_code ?? ''));
  // The log's streams of this category are folded by the skill feature's decider.
  const skill =
    skill_id === null ? null : ((await lookup.state({ workspace_id: meta.workspace_id, category: 'skill', stream_id: skill_id })) as SkillVersions | null);
  if (skill_id === null || skill?.status !== 'active') {
    return reject('missing', 'skill-not-found', `There is no skill "${data.skill_id ?? data.skill_code ?? ''}" in this workspace.`);
  }
  const version = versionOf(skill, skill_id, data.skill_version_id);
  if ('rejected' in version) return version;
  const schema = compileInputSchema(version.parameter_schema_json);
  const problem = 'error' in schema ? `parameter_schema_json ${schema.error}` : schema.check(data.input_json);
  if (problem !== null) {
    return reject('invalid', 'skill-input-invalid', `The input doesn't fit the parameters of the skill: ${problem}.`, [
      { field: '/input_json', rule: problem, remedy: 'send what parameter_schema_json of the version asks for' },
    ]);
  }
  const installation = await installationOf(
    skill.fields.install_required ? { ...data, install_scope: data.install_scope ?? 'workspace' } : data,
    skill_id,
    meta.workspace_id,
    lookup,
  );
  if (installation !== null && typeof installation !== 'string') return installation;
  const { number, runtime_type, version_id } = version;
  const created = {
    skill_id,
    skill_version_id: version_id,
    number,
    runtime_type,
    input_json: data.input_json,
    installation_id: installation,
    parent: data.parent ?? null,
    timeout_seconds: data.timeout_seconds,
    held: !data.auto_execute,
  };
  return { ...command, data: { ...data, created } };
}

function versionOf({ published, versions }: SkillVersions, skill_id: string, wanted: string | undefined): SkillVersions['versions'][number] | Rejection {
  const id = wanted ?? published?.version_id;
  if (id === undefined)
    return reject('conflict', 'skill-not-published', `Skill "${skill_id}" has no published version: publish it, or name a skill_version_id.`);
  return versions.find(({ version_id }) => version_id === id) ?? reject('missing', 'skill-version-not-found', `Skill "${skill_id}" has no version "${id}".`);
}

/** With a scope, the skill must be installed for it: the installation. Without one nothing is asked, unless the skill wants it. */
async function installationOf(
  { install_scope, scope_id }: Pick<Create['data'], 'install_scope' | 'scope_id'>,
  skill_id: string,
  workspace_id: string,
  lookup: Lookup,
): Promise<string | null | Rejection> {
  if (install_scope === undefined) return null;
  const scope = scope_id ?? (install_scope === 'workspace' ? workspace_id : '');
  const id = await lookup.holder(workspace_id, 'skill_installation', `${skill_id}/${install_scope}/${scope}`);
  if (id === null) {
    return reject(
      'conflict',
      'skill-not-installed',
      `Skill "${skill_id}" is not installed for ${install_scope} "${scope}": install it, or name an install_scope that it is installed for.`,
    );
  }
  // Installations say of themselves whether they are enabled; the rest of their state is their own business.
  const installation = (await lookup.state({ workspace_id, category: 'skill_installation', stream_id: id })) as { status?: string } | null;
  return installation?.status === 'enabled'
    ? id
    : reject('conflict', 'skill-disabled', `Skill "${skill_id}" is disabled for ${install_scope} "${scope}": enable installation "${id}".`);
}

/** What asks nothing outside is executed by the command itself. */
export async function prepareExecute(command: SkillRunCommand, lookup: Lookup): Promise<SkillRunCommand | Rejection> {
  if (command.type !== 'skill_run.execute') return command;
  const { workspace_id, stream_id } = command.meta;
  // The log's streams of this category are folded by this feature's decider.
  const state = (await lookup.state({ workspace_id, category: 'skill_run', stream_id })) as SkillRunState | null;
  if (!state?.created || !state.held || !isPure(state.created.runtime_type)) return command;
  return { ...command, data: { ...command.data, program: await loadProgram(state.created, workspace_id, lookup, null) } };
}
