import type { CommandOf, EventOf } from '@agent-platform/contracts/kit/index';
import type { skillContract } from '@agent-platform/contracts/skill/skill.contract';

export type SkillCommand = CommandOf<typeof skillContract>;
export type SkillEvent = EventOf<typeof skillContract>;
export type SkillVersion = Extract<SkillEvent, { type: 'skill.version_created' }>['data'];

export interface SkillFields {
  readonly code: string;
  readonly name: string;
  readonly skill_type: string;
  readonly description: string | null;
  readonly install_required: boolean;
}

export interface SkillState {
  readonly status: 'none' | 'active' | 'deleted';
  readonly fields: SkillFields;
  /** In the order they were made: the last one is the newest. */
  readonly versions: readonly SkillVersion[];
  readonly published: { readonly version_id: string; readonly number: number } | null;
  /** Installations that were ever counted: true while they are there. */
  readonly installations: Readonly<Record<string, boolean>>;
  readonly install_count: number;
}

export const initialSkill: SkillState = {
  status: 'none',
  fields: { code: '', name: '', skill_type: '', description: null, install_required: false },
  versions: [],
  published: null,
  installations: {},
  install_count: 0,
};

export function evolveSkill(state: SkillState, event: SkillEvent): SkillState {
  switch (event.type) {
    case 'skill.created':
      return { ...state, status: 'active', fields: { ...event.data, install_required: event.data.install_required ?? false } };
    case 'skill.updated': {
      const { code, name, skill_type, description, install_required } = { ...state.fields, ...event.data };
      return {
        ...state,
        fields: {
          code: code ?? state.fields.code,
          name: name ?? state.fields.name,
          skill_type: skill_type ?? state.fields.skill_type,
          description: description ?? null,
          install_required: install_required ?? state.fields.install_required,
        },
      };
    }
    case 'skill.deleted':
      return { ...state, status: 'deleted' };
    case 'skill.version_created':
      return { ...state, versions: [...state.versions, event.data] };
    case 'skill.published':
      return { ...state, published: event.data };
    case 'skill.installation_counted': {
      const { installation_id, installed, install_count } = event.data;
      return { ...state, installations: { ...state.installations, [installation_id]: installed }, install_count };
    }
  }
}
