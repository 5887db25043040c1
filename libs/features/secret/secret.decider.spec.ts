import { randomBytes } from 'node:crypto';
import type { Lookup } from '@agent-platform/kernel/index';
import { createSecrets } from '@agent-platform/kernel/secrets';
import { neverAppendsTwice } from '@agent-platform/kernel/testing/laws';
import { specFor } from '@agent-platform/kernel/testing/spec-for';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secretDecider, secretView, type SecretCommand, type SecretEvent, type SecretState } from './secret.decider.ts';
import { prepareSecret } from './secret.prepare.ts';
import { lookUpSecret } from './secret.resolve.ts';

const { given } = specFor(secretDecider);
const created: SecretEvent = { type: 'secret.created', data: { description: null, sealed: 'sealed.v1.a' } };
const rotated: SecretEvent = { type: 'secret.rotated', data: { sealed: 'sealed.v1.b' } };
const deleted: SecretEvent = { type: 'secret.deleted', data: {} };
const create = (value: string) => ({ type: 'secret.create', data: { name: 'it', value } }) as const;
const rotate = (value: string) => ({ type: 'secret.rotate', data: { name: 'it', value } }) as const;
const remove = { type: 'secret.delete', data: { name: 'it' } } as const;

test('create makes one, also in the place of a deleted one', () => {
  given().when(create('sealed.v1.a')).then(created);
  given(created, deleted).when(create('sealed.v1.a')).then(created);
  given(created).when(create('sealed.v1.a')).thenRejected('secret-exists');
});

test('rotate records another value only', () => {
  given(created).when(rotate('sealed.v1.b')).then(rotated);
  given(created, rotated).when(rotate('sealed.v1.b')).then();
  given().when(rotate('sealed.v1.b')).thenRejected('secret-not-found');
});

test('a value in clear is never recorded', () => {
  given().when(create('in clear')).thenRejected('secret-not-sealed');
  given(created).when(rotate('in clear')).thenRejected('secret-not-sealed');
});

test('delete deletes once', () => {
  given(created).when(remove).then(deleted);
  given(created, deleted).when(remove).then();
  given().when(remove).thenRejected('secret-not-found');
});

test('the answer has no value, sealed or not', () => {
  const state = secretDecider.evolve(secretDecider.initial, created);
  expect(secretView(state, 'it')).toEqual({ name: 'it', description: null });
  expect(secretView(secretDecider.evolve(state, deleted), 'it')).toBeNull();
});

test('running any command twice never appends twice', () => {
  neverAppendsTwice(
    secretDecider,
    // A second create of what exists is refused, which appends nothing either.
    fc.constantFrom<Pick<SecretCommand, 'type' | 'data'>>(create('sealed.v1.a'), rotate('sealed.v1.a'), rotate('sealed.v1.b'), remove),
  );
});

test('what is prepared is sealed for its name and workspace, and opens for a call', async () => {
  const secrets = createSecrets([randomBytes(32)]);
  let state: SecretState | null = null;
  const lookup = { secrets, state: async () => state } as unknown as Lookup;
  const meta = { workspace_id: 'acme', stream_id: 'it' };
  const prepared = await prepareSecret({ ...create('the value itself'), meta } as unknown as SecretCommand, lookup);
  if ('rejected' in prepared || prepared.type !== 'secret.create') throw new Error('it was refused');
  expect(JSON.stringify(prepared)).not.toContain('the value');
  expect(await lookUpSecret('acme', 'it', lookup)).toBeNull();
  state = { status: 'active', description: null, sealed: prepared.data.value };
  expect(await lookUpSecret('acme', 'it', lookup)).toBe('the value itself');
  expect(await lookUpSecret('evil', 'it', lookup)).toBeNull();
  expect(await lookUpSecret('acme', 'other', lookup)).toBeNull();
  const moved = await prepareSecret({ ...create(prepared.data.value), meta: { ...meta, stream_id: 'other' } } as unknown as SecretCommand, lookup);
  expect(moved).toMatchObject({ code: 'secret-sealed-elsewhere' });
});
