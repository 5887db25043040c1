import { SkillVersionView, SkillView } from '@agent-platform/contracts/skill/skill.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { skillProjection } from './skill.projection.ts';

const created = { type: 'skill.created', data: { code: 'hello', name: 'Hello', skill_type: 'template', description: null } };
const version = {
  type: 'skill.version_created',
  data: { version_id: 'v1', number: 1, runtime_type: 'template', parameter_schema_json: {}, output_schema_json: {}, implementation_json: { template: 'Hi' } },
};
const history = [
  created,
  version,
  { type: 'skill.published', data: { version_id: 'v1', number: 1 } },
  { type: 'skill.updated', data: { name: 'New' } },
  { type: 'skill.installation_counted', data: { installation_id: 'i1', installed: true, install_count: 1 } },
];

test('rows have the fields of the views', () => {
  const { skills, skill_versions } = tablesOf(skillProjection, history, { stream_id: 's1' });
  expect(SkillView.parse(skills?.[0])).toMatchObject({ id: 's1', name: 'New', status: 'published', published_number: 1, install_count: 1, version: 5 });
  expect(SkillVersionView.parse(skill_versions?.[0])).toMatchObject({ id: 'v1', skill_id: 's1', runtime_type: 'template' });
});

test('a deleted skill stays away, also when news of an installation come late; its versions stay', () => {
  const late = { type: 'skill.installation_counted', data: { installation_id: 'i1', installed: false, install_count: 0 } };
  const { skills, skill_versions } = tablesOf(skillProjection, [created, version, { type: 'skill.deleted', data: {} }, late]);
  expect(skills).toEqual([]);
  expect(skill_versions).toHaveLength(1);
});
