import { plural, type Names } from './names.ts';

const decider = ({
  kebab,
  snake,
  camel,
  pascal,
  words,
}: Names): string => `import type { ${camel}Contract } from '@agent-platform/contracts/${kebab}/${kebab}.contract';
import type { CommandOf, EventOf, JsonObject } from '@agent-platform/contracts/kit/index';
import { changes, reject, type Decider, type Decision } from '@agent-platform/kernel/index';

export type ${pascal}Command = CommandOf<typeof ${camel}Contract>;
export type ${pascal}Event = EventOf<typeof ${camel}Contract>;

export interface ${pascal}State {
  readonly status: 'none' | 'active' | 'deleted';
  readonly name: string;
}

const initial: ${pascal}State = { status: 'none', name: '' };

function decide(command: ${pascal}Command, state: ${pascal}State): Decision<${pascal}Event> {
  const id = command.meta.stream_id;
  if (command.type === '${snake}.create') {
    if (state.status === 'none') return [{ type: '${snake}.created', data: { name: command.data.name } }];
    return reject('conflict', '${kebab}-exists', \`The id "\${id}" is taken, maybe by a deleted ${words}: take another ${snake}_id.\`);
  }
  if (command.type === '${snake}.delete' && state.status === 'deleted') return [];
  if (state.status !== 'active') return reject('missing', '${kebab}-not-found', \`There is no ${words} "\${id}" in this workspace.\`);
  switch (command.type) {
    case '${snake}.update': {
      const { ${snake}_id: _, ...wanted } = command.data;
      const changed = changes({ name: state.name }, wanted);
      return Object.keys(changed).length === 0 ? [] : [{ type: '${snake}.updated', data: changed }];
    }
    case '${snake}.delete':
      return [{ type: '${snake}.deleted', data: {} }];
  }
}

function evolve(state: ${pascal}State, event: ${pascal}Event): ${pascal}State {
  switch (event.type) {
    case '${snake}.created':
      return { status: 'active', name: event.data.name };
    case '${snake}.updated':
      return { ...state, name: event.data.name ?? state.name };
    case '${snake}.deleted':
      return { ...state, status: 'deleted' };
  }
}

export const ${camel}Decider: Decider<${pascal}State, ${pascal}Command, ${pascal}Event> = { initial, decide, evolve };

/** The ${words} as commands answer it. */
export const ${camel}View = (state: ${pascal}State, id: string): JsonObject | null => (state.status === 'active' ? { id, name: state.name } : null);
`;

const projection = ({ kebab, snake, camel, pascal }: Names): string => `import { readFileSync } from 'node:fs';
import { ${camel}Contract } from '@agent-platform/contracts/${kebab}/${kebab}.contract';
import { given, type LoggedEvent, type Projection, type RowChange } from '@agent-platform/kernel/index';
import type { ${pascal}Event } from './${kebab}.decider.ts';

type Typed = ${pascal}Event & LoggedEvent;

/** Table \`${plural(snake)}\`. */
export const ${camel}Projection: Projection = {
  name: '${snake}',
  version: 1,
  sql: readFileSync(new URL('./${kebab}.sql', import.meta.url), 'utf8'),
  events: Object.keys(${camel}Contract.events),
  project,
};

function project(event: Typed): readonly RowChange[] {
  const { workspace_id, stream_id: id, version, time } = event;
  const row = { table: '${plural(snake)}', key: { workspace_id, id } };
  const touched = { version, updated_at: time };
  switch (event.type) {
    case '${snake}.created':
      return [{ ...row, set: { ...event.data, ...touched, created_at: time } }];
    case '${snake}.updated':
      return [{ ...row, set: { ...given(event.data), ...touched } }];
    case '${snake}.deleted':
      return [{ ...row, remove: true }];
  }
}
`;

const sql = ({ snake }: Names): string => `create table ${plural(snake)} (
  workspace_id text not null,
  id text not null,
  name text not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index ${plural(snake)}_by_time on ${plural(snake)} (workspace_id, created_at desc, id desc);
`;

const queries = ({ snake, camel }: Names): string => `import { newestFirst, type Query } from '@agent-platform/kernel/index';

const projection = '${snake}';
const table = '${plural(snake)}';

export const ${camel}Queries: Readonly<Record<string, Query>> = {
  '${snake}.get': { kind: 'get', projection, table, key: { ${snake}_id: 'id' } },
  '${snake}.list': {
    kind: 'list',
    projection,
    table,
    filters: { q: { column: 'name', op: 'search' } },
    order: newestFirst('created_at', 'id'),
  },
};
`;

const index = ({ kebab, camel, pascal, words }: Names): string => `import { ${camel}Contract } from '@agent-platform/contracts/${kebab}/${kebab}.contract';
import { defineFeature, type Feature } from '@agent-platform/kernel/index';
import { ${camel}Decider, ${camel}View, type ${pascal}Command, type ${pascal}Event, type ${pascal}State } from './${kebab}.decider.ts';
import { ${camel}Projection } from './${kebab}.projection.ts';
import { ${camel}Queries } from './${kebab}.queries.ts';

/** ${plural(pascal.charAt(0) + words.slice(1))}: a name. */
export const ${camel}Feature: Feature<${pascal}State, ${pascal}Command, ${pascal}Event> = defineFeature({
  contract: ${camel}Contract,
  decider: ${camel}Decider,
  view: ${camel}View,
  projections: [${camel}Projection],
  queries: ${camel}Queries,
});
`;

const manifest = ({ kebab }: Names): string => {
  const dependencies = { '@agent-platform/contracts': '0.1.0', '@agent-platform/kernel': '0.1.0' };
  const nx = { tags: ['type:feature'], targets: { test: {} } };
  const exported = { '.': './index.ts', './*': './*.ts' };
  return `${JSON.stringify({ name: `@agent-platform/${kebab}`, version: '0.1.0', private: true, type: 'module', exports: exported, dependencies, nx }, null, 2)}\n`;
};

/** The code of a new slice, by file. */
export const sliceOf = (names: Names): Record<string, string> => {
  const folder = `libs/features/${names.kebab}`;
  return {
    [`${folder}/package.json`]: manifest(names),
    [`${folder}/index.ts`]: index(names),
    [`${folder}/${names.kebab}.decider.ts`]: decider(names),
    [`${folder}/${names.kebab}.projection.ts`]: projection(names),
    [`${folder}/${names.kebab}.queries.ts`]: queries(names),
    [`${folder}/${names.kebab}.sql`]: sql(names),
  };
};
