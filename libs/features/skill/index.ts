import { skillContract } from '@agent-platform/contracts/skill/skill.contract';
import type { EventEnvelope } from '@agent-platform/contracts/kit/index';
import { defineFeature, type Feature, type Policy, type Reservation } from '@agent-platform/kernel/index';
import { skillDecider } from './skill.decider.ts';
import { prepareVersion } from './skill.prepare.ts';
import { skillProjection } from './skill.projection.ts';
import { skillQueries } from './skill.queries.ts';
import type { SkillCommand, SkillEvent, SkillState } from './skill.state.ts';
import { skillAnswer, skillView } from './skill.view.ts';

export type { SkillCommand, SkillEvent, SkillState };

/** Installations have streams of their own, so that many may come at once; how many there are is kept here. */
const countInstallations: Policy = {
  triggers: [
    { category: 'skill_installation', type: 'skill_installation.installed' },
    { category: 'skill_installation', type: 'skill_installation.uninstalled' },
  ],
  react({ type, stream_id, data }: EventEnvelope) {
    const installed = type === 'skill_installation.installed';
    return [{ type: 'skill.count_installation', data: { skill_id: data['skill_id'] ?? null, installation_id: stream_id, installed } }];
  },
};

/** Skills: what can be run by name, in versions with parameters and a result. */
export const skillFeature: Feature<SkillState, SkillCommand, SkillEvent> = defineFeature({
  contract: skillContract,
  decider: skillDecider,
  view: skillView,
  answer: skillAnswer,
  prepare: { 'skill.create_version': prepareVersion },
  reservations(event, before): readonly Reservation[] {
    const mine = { scope: 'skill_code', key: before.fields.code };
    switch (event.type) {
      case 'skill.created':
        return [{ scope: 'skill_code', key: event.data.code }];
      case 'skill.updated':
        return event.data.code === undefined
          ? []
          : [
              { ...mine, release: true },
              { scope: 'skill_code', key: event.data.code },
            ];
      case 'skill.deleted':
        return [{ ...mine, release: true }];
      case 'skill.version_created':
        return [{ scope: 'skill_version', key: event.data.version_id }];
      case 'skill.published':
      case 'skill.installation_counted':
        return [];
    }
  },
  policies: [countInstallations],
  projections: [skillProjection],
  queries: skillQueries,
});
