import { plural, type Names } from './names.ts';

/** The promise of a new aggregate: create, update, delete, one and a list. */
export const contractOf = ({ kebab, snake, camel, pascal, words }: Names): string => `import { z } from 'zod';
import { defineContract, GetParams, Id, Name, pageOf, PageParams, Time } from '../kit/index.ts';

const events = {
  '${snake}.created': { summary: 'A ${words} was created.', version: 1, data: z.object({ name: Name }) },
  '${snake}.updated': { summary: 'Fields changed; only what changed is named.', version: 1, data: z.object({ name: Name.optional() }) },
  '${snake}.deleted': { summary: 'The ${words} was deleted.', version: 1, data: z.object({}) },
} as const;

export const ${pascal}View = z
  .object({
    id: Id,
    workspace_id: z.string(),
    name: Name,
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: '${pascal}' });

const target = { ${snake}_id: Id };

export const ${camel}Contract = defineContract({
  category: '${snake}',
  events,
  commands: {
    '${snake}.create': {
      summary: 'Create a ${words}.',
      target: '${snake}_id',
      creates: true,
      data: z.strictObject({ ${snake}_id: Id.optional(), name: Name }),
      example: { ${snake}_id: '${kebab}-1', name: 'First' },
    },
    '${snake}.update': {
      summary: 'Change fields of a ${words}; what is not named stays.',
      target: '${snake}_id',
      data: z.strictObject({ ...target, name: Name.optional() }),
      example: { ${snake}_id: '${kebab}-1', name: 'Second' },
    },
    '${snake}.delete': {
      summary: 'Delete a ${words}.',
      target: '${snake}_id',
      data: z.strictObject(target),
      example: { ${snake}_id: '${kebab}-1' },
    },
  },
  queries: {
    '${snake}.get': { summary: 'One ${words}.', params: z.object({ ...target, ...GetParams }), result: ${pascal}View },
    '${snake}.list': {
      summary: '${plural(pascal.charAt(0) + words.slice(1))}, newest first.',
      params: z.object({ ...PageParams, q: z.string().max(200).optional().meta({ description: 'Part of the name' }) }),
      result: pageOf(${pascal}View),
    },
  },
  routes: [
    { method: 'POST', path: '/${plural(kebab)}', command: '${snake}.create', status: 201 },
    { method: 'GET', path: '/${plural(kebab)}', query: '${snake}.list' },
    { method: 'GET', path: '/${plural(kebab)}/{${snake}_id}', query: '${snake}.get' },
    { method: 'PATCH', path: '/${plural(kebab)}/{${snake}_id}', command: '${snake}.update' },
    { method: 'DELETE', path: '/${plural(kebab)}/{${snake}_id}', command: '${snake}.delete' },
  ],
});
`;

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** One recorded event per type: they must stay readable forever. */
export const fixturesOf = ({ snake }: Names): Record<string, string> => ({
  [`contracts/fixtures/${snake}.created.v1.json`]: json({ name: 'First' }),
  [`contracts/fixtures/${snake}.updated.v1.json`]: json({ name: 'Second' }),
  [`contracts/fixtures/${snake}.deleted.v1.json`]: json({}),
});
