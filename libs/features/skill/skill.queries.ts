import { equal, newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = 'skill';
const byTime = newestFirst('created_at', 'id');
const found = { ...equal('skill_type', 'status'), q: { column: 'name', op: 'search' } } as const;

export const skillQueries: Readonly<Record<string, Query>> = {
  'skill.get': { kind: 'get', projection, table: 'skills', key: { skill_id: 'id' } },
  'skill.list': { kind: 'list', projection, table: 'skills', filters: { ...equal('code'), ...found }, order: byTime },
  'skill.marketplace': { kind: 'list', projection, table: 'skills', filters: found, order: byTime },
  'skill.version': { kind: 'get', projection, table: 'skill_versions', key: { skill_version_id: 'id' } },
  'skill.versions': {
    kind: 'list',
    projection,
    table: 'skill_versions',
    filters: equal('skill_id'),
    order: newestFirst('created_at', 'number', 'id'),
  },
};
