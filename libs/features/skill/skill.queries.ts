import type { Query } from '@agent-platform/kernel/index';

const projection = 'skill';
const newestFirst = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
] as const;
const found = {
  q: { column: 'name', op: 'search' },
  skill_type: { column: 'skill_type', op: 'eq' },
  status: { column: 'status', op: 'eq' },
} as const;

export const skillQueries: Readonly<Record<string, Query>> = {
  'skill.get': { kind: 'get', projection, table: 'skills', key: { skill_id: 'id' } },
  'skill.list': { kind: 'list', projection, table: 'skills', filters: { ...found, code: { column: 'code', op: 'eq' } }, order: newestFirst },
  'skill.marketplace': { kind: 'list', projection, table: 'skills', filters: found, order: newestFirst },
  'skill.version': { kind: 'get', projection, table: 'skill_versions', key: { skill_version_id: 'id' } },
  'skill.versions': {
    kind: 'list',
    projection,
    table: 'skill_versions',
    filters: { skill_id: { column: 'skill_id', op: 'eq' } },
    order: [
      { column: 'created_at', direction: 'desc' },
      { column: 'number', direction: 'desc' },
      { column: 'id', direction: 'desc' },
    ],
  },
};
