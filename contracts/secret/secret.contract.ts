import { z } from 'zod';
import { defineContract, GetParams, pageOf, PageParams, Time } from '../kit/index.ts';

/** Stream id and name in one: what `{{ secrets.<name> }}` says. */
const SecretName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 letters, digits, "-" or "_", and start with a letter')
  .meta({ description: 'Name of the secret, as in {{ secrets.<name> }}' });

/** Shorter ones could not be told from ordinary words when answers are searched for what a server echoes. */
const Value = z.string().min(8).max(8000).meta({ description: 'The secret itself; it is kept encrypted and never answered' });
const Description = z.string().max(1000);
const Sealed = z.string().regex(/^sealed\.v[12]\./, 'must be sealed');

const events = {
  'secret.created': {
    summary: 'A secret was created; its value is encrypted.',
    version: 1,
    data: z.object({ description: Description.nullable(), sealed: Sealed }),
  },
  'secret.rotated': { summary: 'The secret has another value from now on.', version: 1, data: z.object({ sealed: Sealed }) },
  'secret.deleted': { summary: 'The secret was deleted: calls that name it fail.', version: 1, data: z.object({}) },
} as const;

export const SecretView = z
  .object({
    name: SecretName,
    workspace_id: z.string(),
    description: Description.nullable(),
    version: z.int().meta({ description: 'Version of the stream: grows with every new value' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Secret', description: 'A secret without its value, which nobody can read' });

const target = { name: SecretName };

export const secretContract = defineContract({
  category: 'secret',
  events,
  commands: {
    'secret.create': {
      summary: 'Create a secret for {{ secrets.<name> }} in tools, bindings and tool nodes. The name of a deleted one may be used again.',
      target: 'name',
      creates: true,
      data: z.strictObject({ ...target, value: Value, description: Description.optional() }),
      example: { name: 'shop_token', value: 'value-of-the-token', description: 'Token of the shop' },
    },
    'secret.rotate': {
      summary: 'Give a secret another value; the next call uses it.',
      target: 'name',
      data: z.strictObject({ ...target, value: Value }),
      example: { name: 'shop_token', value: 'another-value' },
    },
    'secret.delete': {
      summary: 'Delete a secret.',
      target: 'name',
      data: z.strictObject(target),
      example: { name: 'shop_token' },
    },
  },
  queries: {
    'secret.get': { summary: 'One secret, without its value.', params: z.object({ ...target, ...GetParams }), result: SecretView },
    'secret.list': {
      summary: 'Names of secrets, newest first.',
      params: z.object({ ...PageParams, q: z.string().max(200).optional().meta({ description: 'Part of the name' }) }),
      result: pageOf(SecretView),
    },
  },
  routes: [
    { method: 'POST', path: '/secrets', command: 'secret.create', status: 201 },
    { method: 'GET', path: '/secrets', query: 'secret.list' },
    { method: 'GET', path: '/secrets/{name}', query: 'secret.get' },
    { method: 'POST', path: '/secrets/{name}/rotate', command: 'secret.rotate' },
    { method: 'DELETE', path: '/secrets/{name}', command: 'secret.delete' },
  ],
});
