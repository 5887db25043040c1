import { SkillInstallationView } from '@agent-platform/contracts/skill-installation/skill-installation.contract';
import { fold } from '@agent-platform/kernel/index';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { skillInstallationFeature } from './index.ts';
import { skillInstallationDecider, type SkillInstallationEvent } from './skill-installation.decider.ts';
import { skillInstallationProjection } from './skill-installation.projection.ts';

const { given } = specFor(skillInstallationDecider);
const place = { skill_id: 's1', install_scope: 'user', scope_id: 'u1' } as const;
const installed: SkillInstallationEvent = { type: 'skill_installation.installed', data: { ...place, installed_by: 'ann', config_json: null } };
const event = (type: 'enabled' | 'disabled' | 'uninstalled'): SkillInstallationEvent => ({ type: `skill_installation.${type}`, data: { skill_id: 's1' } });
const install = { type: 'skill_installation.install', data: { ...place, installed_by: 'ann' } } as const;
const change = (verb: 'enable' | 'disable' | 'uninstall') => ({ type: `skill_installation.${verb}`, data: { installation_id: 'it' } }) as const;

test('is installed once, by who asks when nobody is named', () => {
  given().when(install).then(installed);
  given(installed).when(install).thenRejected('skill-installation-exists');
  given(installed, event('uninstalled')).when(install).thenRejected('skill-installation-exists');
  given()
    .when({ type: 'skill_installation.install', data: { skill_id: 's1', install_scope: 'workspace' } })
    .then({ ...installed, data: { skill_id: 's1', install_scope: 'workspace', scope_id: 'acme', installed_by: 'user:ann', config_json: null } });
  given()
    .when({ type: 'skill_installation.install', data: { skill_id: 's1', install_scope: 'agent' } })
    .thenRejected('scope-missing');
});

test('is disabled, enabled and taken away, each once', () => {
  given(installed).when(change('disable')).then(event('disabled'));
  given(installed, event('disabled')).when(change('disable')).then();
  given(installed, event('disabled')).when(change('enable')).then(event('enabled'));
  given(installed).when(change('enable')).then();
  given(installed).when(change('uninstall')).then(event('uninstalled'));
  given(installed, event('uninstalled')).when(change('uninstall')).then();
  given(installed, event('uninstalled')).when(change('enable')).thenRejected('skill-installation-not-found');
  given().when(change('disable')).thenRejected('skill-installation-not-found');
});

test('holds its place while it is there', () => {
  const reservation = { scope: 'skill_installation', key: 's1/user/u1' };
  const state = fold(skillInstallationDecider, [installed]);
  expect(skillInstallationFeature.reservations?.(installed, skillInstallationDecider.initial)).toEqual([reservation]);
  expect(skillInstallationFeature.reservations?.(event('disabled'), state)).toEqual([]);
  expect(skillInstallationFeature.reservations?.(event('uninstalled'), state)).toEqual([{ ...reservation, release: true }]);
});

test('rows have the fields of the view, and go with the installation', () => {
  const rows = (...history: SkillInstallationEvent[]) => tablesOf(skillInstallationProjection, history)['skill_installations'];
  expect(SkillInstallationView.parse(rows(installed, event('disabled'))?.[0])).toMatchObject({ ...place, status: 'disabled' });
  expect(rows(installed, event('disabled'), event('enabled'))).toMatchObject([{ status: 'enabled' }]);
  expect(rows(installed, event('uninstalled'))).toEqual([]);
});

test('running any command twice never appends twice', () =>
  neverAppendsTwice(skillInstallationDecider, fc.constantFrom(install, change('enable'), change('disable'), change('uninstall'))));
