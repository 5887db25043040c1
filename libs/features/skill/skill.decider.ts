import { isDeepStrictEqual } from 'node:util';
import { changes, isRejection, partId, reject, type Decider, type Decision, type Rejection } from '@agent-platform/kernel/index';
import { readFolder } from './skill.folder.ts';
import { evolveSkill, initialSkill, type SkillCommand, type SkillEvent, type SkillState, type SkillVersion } from './skill.state.ts';
import { checkVersion } from './skill.version.ts';

type Of<T extends SkillCommand['type']> = Extract<SkillCommand, { type: T }>;

function decide(command: SkillCommand, state: SkillState): Decision<SkillEvent> {
  if (command.type === 'skill.create') return create(command, state);
  if (command.type === 'skill.import') return importFolder(command, state);
  if (command.type === 'skill.delete' && state.status === 'deleted') return [];
  if (state.status !== 'active') return notFound(command.meta.stream_id);
  switch (command.type) {
    case 'skill.update': {
      const { skill_id: _, ...wanted } = command.data;
      const changed = changes(state.fields, wanted);
      return Object.keys(changed).length === 0 ? [] : [{ type: 'skill.updated', data: changed }];
    }
    case 'skill.delete':
      return [{ type: 'skill.deleted', data: {} }];
    case 'skill.create_version':
      return createVersion(command, state);
    case 'skill.publish':
      return publish(command, state);
    case 'skill.count_installation':
      return count(command, state);
  }
}

const notFound = (id: string): Rejection => reject('missing', 'skill-not-found', `There is no skill "${id}" in this workspace.`);

const taken = (id: string): Rejection =>
  reject('conflict', 'skill-exists', `The id "${id}" belongs to a skill already, maybe a deleted one: take another skill_id.`);

function create({ data, meta }: Of<'skill.create'>, state: SkillState): Decision<SkillEvent> {
  if (state.status !== 'none') return taken(meta.stream_id);
  const { code, name, skill_type, description = null, install_required } = data;
  return [{ type: 'skill.created', data: { code, name, skill_type, description, ...(install_required && { install_required }) } }];
}

/** Id of the version that a command makes. */
export const versionIdOf = ({ data, meta }: Of<'skill.create_version'> | Of<'skill.import'>): string =>
  ('skill_version_id' in data ? data.skill_version_id : undefined) ?? partId(meta, 'skill_version');

function createVersion(command: Of<'skill.create_version'>, state: SkillState): Decision<SkillEvent> {
  const { runtime_type, parameter_schema_json, output_schema_json, implementation_json } = command.data;
  const contents = { runtime_type, parameter_schema_json, output_schema_json, implementation_json };
  const version_id = versionIdOf(command);
  const there = state.versions.find((version) => version.version_id === version_id);
  const version: SkillVersion = { version_id, number: there?.number ?? state.versions.length + 1, ...contents };
  if (there) {
    if (isDeepStrictEqual(version, there)) return [];
    return reject(
      'conflict',
      'skill-version-exists',
      `Version "${version_id}" exists with other contents, and versions never change: take another skill_version_id.`,
    );
  }
  const made: SkillEvent = { type: 'skill.version_created', data: version };
  return checkVersion(version) ?? (command.data.status === 'published' ? [made, published(version)] : [made]);
}

const published = ({ version_id, number }: SkillVersion): SkillEvent => ({ type: 'skill.published', data: { version_id, number } });

function publish({ data, meta }: Of<'skill.publish'>, state: SkillState): Decision<SkillEvent> {
  const { skill_version_id: wanted } = data;
  const version = wanted === undefined ? state.versions.at(-1) : state.versions.find(({ version_id }) => version_id === wanted);
  if (!version) {
    return wanted === undefined
      ? reject('conflict', 'skill-without-version', `Skill "${meta.stream_id}" has no version to publish: make one first.`)
      : reject('missing', 'skill-version-not-found', `Skill "${meta.stream_id}" has no version "${wanted}".`);
  }
  return state.published?.version_id === version.version_id ? [] : [published(version)];
}

function importFolder(command: Of<'skill.import'>, state: SkillState): Decision<SkillEvent> {
  if (state.status === 'deleted') return taken(command.meta.stream_id);
  const folder = readFolder(command.data.files, command.data.resources);
  if (isRejection(folder)) return folder;
  const { name, description, version: contents } = folder;
  const version_id = versionIdOf(command);
  const version: SkillVersion = { version_id, number: state.versions.length + 1, ...contents };
  const refused = checkVersion(version);
  if (refused) return refused;
  const wanted = { code: command.data.code ?? (state.status === 'none' ? name : undefined), name, description };
  const changed = changes(state.fields, wanted);
  const first: SkillEvent[] =
    state.status === 'none'
      ? [{ type: 'skill.created', data: { code: wanted.code ?? name, name, skill_type: 'prompt', description } }]
      : Object.keys(changed).length > 0
        ? [{ type: 'skill.updated', data: changed }]
        : [];
  const newest = state.versions.at(-1);
  const same = newest && isDeepStrictEqual(newest, { ...version, version_id: newest.version_id, number: newest.number });
  if (!same) return [...first, { type: 'skill.version_created', data: version }, published(version)];
  return state.published?.version_id === newest.version_id ? first : [...first, published(newest)];
}

/** An installation is taken away for ever, and news of it may come in any order. */
function count({ data }: Of<'skill.count_installation'>, state: SkillState): Decision<SkillEvent> {
  const { installation_id, installed } = data;
  const before = state.installations[installation_id];
  if (before === installed || before === false) return [];
  const install_count = state.install_count + (installed ? 1 : before === true ? -1 : 0);
  return [{ type: 'skill.installation_counted', data: { installation_id, installed, install_count } }];
}

export const skillDecider: Decider<SkillState, SkillCommand, SkillEvent> = { initial: initialSkill, decide, evolve: evolveSkill };
