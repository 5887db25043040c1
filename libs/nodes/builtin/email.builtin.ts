import { z } from 'zod';
import { nodeError } from '../outcome.ts';
import { defineBuiltin } from './builtin.ts';

const Address = z.string().min(3).max(320);
const Addresses = z.union([Address.transform((one) => [one]), z.array(Address).max(100)]);
/** A reference: a password that stands in a config or an input is everybody's who may read it. */
const SECRET = /^\s*\{\{\s*secrets\.[A-Za-z0-9_-]+\s*\}\}\s*$/;

export const email = defineBuiltin({
  description: 'Sends an email over the mail server of the platform, or one that the call names. With dry_run it is only recorded.',
  input: z.strictObject({
    to: Addresses.meta({ description: 'One address or several, like ann@example.com or Ann <ann@example.com>' }),
    cc: Addresses.default([]),
    bcc: Addresses.default([]),
    reply_to: Address.optional(),
    subject: z.string().max(500),
    text: z.string().max(200_000).optional(),
    html: z.string().max(500_000).optional(),
    attachments: z
      .array(
        z.strictObject({
          filename: z.string().min(1).max(200),
          content: z.string().max(700_000),
          encoding: z.enum(['utf8', 'base64']).default('utf8'),
          content_type: z.string().max(100).optional(),
        }),
      )
      .max(20)
      .default([]),
    from: Address.optional().meta({ description: 'With a server of its own only' }),
    server: z
      .strictObject({
        host: z.string().min(1).max(253),
        port: z.int().min(1).max(65_535).default(587),
        user: z.string().min(1).max(320).optional(),
        password: z.string().min(1).max(8000).optional().meta({ description: '{{ secrets.<name> }}' }),
      })
      .optional()
      .meta({ description: "A mail server instead of the platform's: a public one, unless the operator lists it" }),
    dry_run: z.boolean().default(false).meta({ description: 'Records the mail and sends nothing' }),
  }),
  writes: true,
  check({ server }) {
    const password = typeof server === 'object' && server !== null && !Array.isArray(server) ? server['password'] : undefined;
    if (password === undefined || (typeof password === 'string' && SECRET.test(password))) return null;
    return nodeError('tool-input-invalid', 'input.server.password: must be {{ secrets.<name> }}; create a secret with the password.');
  },
  answer({ dry_run, server: _, attachments, ...mail }) {
    if (!dry_run) return null;
    const files = attachments.map(({ filename, content }) => ({ filename, characters: content.length }));
    return {
      value: { dry_run, sent: false, mail: JSON.parse(JSON.stringify({ ...mail, attachments: files })) },
      text: `Not sent: "${mail.subject}" to ${mail.to.join(', ')}`,
    };
  },
  repeatable: ({ dry_run }) => dry_run,
  fill(input, fill) {
    const { server } = input;
    if (typeof server !== 'object' || server === null || Array.isArray(server)) return input;
    const secret = (name: 'user' | 'password') => (typeof server[name] === 'string' ? { [name]: fill(server[name]) } : {});
    return { ...input, server: { ...server, ...secret('user'), ...secret('password') } };
  },
  async perform({ dry_run: _, ...mail }, { ports, context, timeout_ms }) {
    const receipt = await ports.mail.send({ ...mail, key: context.key, timeout_ms }, { signal: context.signal });
    const { message_id, accepted, rejected, response } = receipt;
    const value = { dry_run: false, sent: true, message_id, accepted: [...accepted], rejected: rejected.map((one) => ({ ...one })), response };
    return { value, text: `Sent ${message_id} to ${accepted.join(', ')}` };
  },
});
