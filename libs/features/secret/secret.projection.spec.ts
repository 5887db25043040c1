import { SecretView } from '@agent-platform/contracts/secret/secret.contract';
import { tablesOf } from '@agent-platform/kernel/testing/tables-of';
import { expect, test } from 'vitest';
import { secretProjection } from './secret.projection.ts';

const created = { type: 'secret.created', data: { description: 'for the shop', sealed: 'sealed.v1.a' } };
const rotated = { type: 'secret.rotated', data: { sealed: 'sealed.v1.b' } };

test('rows have the fields of the view, and no value', () => {
  const { secrets } = tablesOf(secretProjection, [created, rotated], { stream_id: 'shop_token' });
  expect(secrets).toHaveLength(1);
  expect(SecretView.parse(secrets?.[0])).toMatchObject({ name: 'shop_token', description: 'for the shop', version: 2 });
  expect(JSON.stringify(secrets)).not.toContain('sealed');
});

test('a deleted one is gone', () => {
  const { secrets } = tablesOf(secretProjection, [created, { type: 'secret.deleted', data: {} }]);
  expect(secrets).toEqual([]);
});
