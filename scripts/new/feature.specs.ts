import { plural, type Names } from './names.ts';

const deciderSpec = ({ kebab, snake, camel, pascal }: Names): string => `import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ${camel}Decider, ${camel}View, type ${pascal}Command, type ${pascal}Event } from './${kebab}.decider.ts';

const { given } = specFor(${camel}Decider);
const created: ${pascal}Event = { type: '${snake}.created', data: { name: 'First' } };
const deleted: ${pascal}Event = { type: '${snake}.deleted', data: {} };
const create = { type: '${snake}.create', data: { name: 'First' } } as const;
const update = (name: string) => ({ type: '${snake}.update', data: { ${snake}_id: 'it', name } }) as const;
const remove = { type: '${snake}.delete', data: { ${snake}_id: 'it' } } as const;

test('create makes one, and refuses an id that is taken', () => {
  given().when(create).then(created);
  given(created).when(create).thenRejected('${kebab}-exists');
  given(created, deleted).when(create).thenRejected('${kebab}-exists');
});

test('update names only what changed', () => {
  given(created).when(update('Second')).then({ type: '${snake}.updated', data: { name: 'Second' } });
  given(created).when(update('First')).then();
  given().when(update('Second')).thenRejected('${kebab}-not-found');
});

test('delete deletes once', () => {
  given(created).when(remove).then(deleted);
  given(created, deleted).when(remove).then();
  given().when(remove).thenRejected('${kebab}-not-found');
});

test('the answer shows what there is', () => {
  const state = ${camel}Decider.evolve(${camel}Decider.initial, created);
  expect(${camel}View(state, 'it')).toEqual({ id: 'it', name: 'First' });
  expect(${camel}View(${camel}Decider.evolve(state, deleted), 'it')).toBeNull();
});

test('running any command twice never appends twice', () => {
  neverAppendsTwice(${camel}Decider, fc.constantFrom<Pick<${pascal}Command, 'type' | 'data'>>(create, update('First'), update('Second'), remove));
});
`;

const projectionSpec = ({
  kebab,
  snake,
  camel,
  pascal,
}: Names): string => `import { ${pascal}View } from '@agent-platform/contracts/${kebab}/${kebab}.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { ${camel}Projection } from './${kebab}.projection.ts';

const created = { type: '${snake}.created', data: { name: 'First' } };
const updated = { type: '${snake}.updated', data: { name: 'Second' } };

test('rows have the fields of the view', () => {
  const { ${plural(snake)} } = tablesOf(${camel}Projection, [created, updated], { stream_id: '${kebab}-1' });
  expect(${plural(snake)}).toHaveLength(1);
  expect(${pascal}View.parse(${plural(snake)}?.[0])).toMatchObject({ id: '${kebab}-1', name: 'Second', version: 2 });
});

test('a deleted one is gone', () => {
  const { ${plural(snake)} } = tablesOf(${camel}Projection, [created, { type: '${snake}.deleted', data: {} }]);
  expect(${plural(snake)}).toEqual([]);
});
`;

/** The specs of a new slice, by file. */
export const specsOf = (names: Names): Record<string, string> => ({
  [`libs/features/${names.kebab}/${names.kebab}.decider.spec.ts`]: deciderSpec(names),
  [`libs/features/${names.kebab}/${names.kebab}.projection.spec.ts`]: projectionSpec(names),
});
