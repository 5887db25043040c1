import { skillInstallationContract } from '@agent-platform/contracts/skill-installation/skill-installation.contract';
import { defineFeature, type Feature, type Reservation } from '@agent-platform/kernel/index';
import {
  skillInstallationDecider,
  skillInstallationView,
  type SkillInstallationCommand,
  type SkillInstallationEvent,
  type SkillInstallationState,
} from './skill-installation.decider.ts';
import { prepareInstall } from './skill-installation.prepare.ts';
import { skillInstallationProjection } from './skill-installation.projection.ts';
import { skillInstallationQueries } from './skill-installation.queries.ts';

export type { SkillInstallationCommand, SkillInstallationEvent, SkillInstallationState };

interface Place {
  readonly skill_id: string;
  readonly install_scope: string;
  readonly scope_id: string;
}

/** One skill is installed once for one agent, team, app, user or workspace; this leads from there to the installation. */
const reservationOf = ({ skill_id, install_scope, scope_id }: Place): Reservation => ({
  scope: 'skill_installation',
  key: `${skill_id}/${install_scope}/${scope_id}`,
});

/** Installations of skills: who may use which. */
export const skillInstallationFeature: Feature<SkillInstallationState, SkillInstallationCommand, SkillInstallationEvent> = defineFeature({
  contract: skillInstallationContract,
  decider: skillInstallationDecider,
  view: skillInstallationView,
  prepare: { 'skill_installation.install': prepareInstall },
  reservations(event, { installed }): readonly Reservation[] {
    if (event.type === 'skill_installation.installed') return [reservationOf(event.data)];
    return event.type === 'skill_installation.uninstalled' && installed ? [{ ...reservationOf(installed), release: true }] : [];
  },
  projections: [skillInstallationProjection],
  queries: skillInstallationQueries,
});
