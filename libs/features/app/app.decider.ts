import { isDeepStrictEqual } from 'node:util';
import type { appContract } from '@agent-platform/contracts/app/app.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import { changes, partId, reject, type Decider, type Decision, type Rejection } from '@agent-platform/kernel/index';

export type AppCommand = CommandOf<typeof appContract>;
export type AppEvent = EventOf<typeof appContract>;
type CreateVersion = Extract<AppCommand, { type: 'app.create_version' }>;
type VersionData = Extract<AppEvent, { type: 'app.version_created' }>['data'];

export interface AppFields {
  readonly code: string;
  readonly name: string;
  readonly description: string | null;
}

export interface AppState {
  readonly status: 'none' | 'active' | 'deleted';
  readonly fields: AppFields;
  /** In the order they were made: the last one is the newest. */
  readonly versions: readonly VersionData[];
}

const initial: AppState = { status: 'none', fields: { code: '', name: '', description: null }, versions: [] };

function decide(command: AppCommand, state: AppState): Decision<AppEvent> {
  if (command.type === 'app.create') return create(command, state);
  if (command.type === 'app.delete' && state.status === 'deleted') return [];
  if (state.status !== 'active') return notFound(command.meta.stream_id);
  switch (command.type) {
    case 'app.update': {
      const { app_id: _, ...wanted } = command.data;
      const changed = changes(state.fields, wanted);
      return Object.keys(changed).length === 0 ? [] : [{ type: 'app.updated', data: changed }];
    }
    case 'app.delete':
      return [{ type: 'app.deleted', data: {} }];
    case 'app.create_version':
      return createVersion(command, state);
  }
}

const notFound = (id: string): Rejection => reject('missing', 'app-not-found', `There is no app "${id}" in this workspace.`);

function create({ data, meta }: Extract<AppCommand, { type: 'app.create' }>, state: AppState): Decision<AppEvent> {
  if (state.status !== 'none') {
    return reject('conflict', 'app-exists', `The id "${meta.stream_id}" belongs to an app already, maybe a deleted one: take another app_id.`);
  }
  return [{ type: 'app.created', data: { code: data.code, name: data.name, description: data.description ?? null } }];
}

/** Id of the version that a command makes. */
const versionIdOf = ({ data, meta }: CreateVersion): string => data.app_version_id ?? partId(meta, 'app_version');

function createVersion(command: CreateVersion, state: AppState): Decision<AppEvent> {
  const { workflow_id = null, workflow_version_id = null, config_json } = command.data;
  const version_id = versionIdOf(command);
  const there = state.versions.find((version) => version.version_id === version_id);
  const version = { version_id, number: there?.number ?? state.versions.length + 1, workflow_id, workflow_version_id, config_json };
  if (!there) return [{ type: 'app.version_created', data: version }];
  if (isDeepStrictEqual(version, there)) return [];
  return reject(
    'conflict',
    'app-version-exists',
    `Version "${version_id}" exists with other contents, and versions never change: take another app_version_id.`,
  );
}

function evolve(state: AppState, event: AppEvent): AppState {
  switch (event.type) {
    case 'app.created':
      return { ...state, status: 'active', fields: event.data };
    case 'app.updated': {
      const { code = state.fields.code, name = state.fields.name, description = state.fields.description } = event.data;
      return { ...state, fields: { code, name, description } };
    }
    case 'app.deleted':
      return { ...state, status: 'deleted' };
    case 'app.version_created':
      return { ...state, versions: [...state.versions, event.data] };
  }
}

export const appDecider: Decider<AppState, AppCommand, AppEvent> = { initial, decide, evolve };

/** The app as commands answer it. */
export function appView(state: AppState, id: string): JsonObject | null {
  if (state.status !== 'active') return null;
  const latest = state.versions.at(-1);
  return { id, ...state.fields, latest_version_id: latest?.version_id ?? null, latest_number: latest?.number ?? null };
}

/** The version that a command made. */
export function appVersionAnswer(command: AppCommand, state: AppState): { id: string; entity: JsonObject } | null {
  if (command.type !== 'app.create_version') return null;
  const id = versionIdOf(command);
  const version = state.versions.find(({ version_id }) => version_id === id);
  if (!version) return null;
  const { version_id: _, ...rest } = version;
  return { id, entity: { id, app_id: command.meta.stream_id, ...rest } };
}
