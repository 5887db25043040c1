import { z } from 'zod';
import { RunFrame } from '@agent-platform/contracts/gateway/run.frame';
import { CommandReply, type Contract, DEAD_HEADERS, EventEnvelope, HEADERS, JsonValue } from '@agent-platform/contracts/kit/index';

const text = (description: string) => z.string().meta({ description });

const cause = {
  [HEADERS.correlation]: text('What all that belongs together shares, e.g. the id of the request that began it'),
  [HEADERS.causation]: text('Id of the command or event that caused it').optional(),
  [HEADERS.traceparent]: text('W3C trace context').optional(),
};

const eventHeaders = {
  [HEADERS.messageId]: text('Event id: the same event published again has the same one'),
  [HEADERS.position]: text('Place in the whole log, a number: dense and gapless'),
  [HEADERS.schemaVersion]: text('Schema version of the data, a number'),
  [HEADERS.actor]: text('Who asked for the change; what begins with `nats:` is what a client of NATS said of itself'),
  ...cause,
};

/** Headers by the name of their component. All values are text, as NATS has them. */
export const headerSchemas: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  [
    'CommandHeaders',
    z.looseObject({
      [HEADERS.messageId]: text('Command id. Sent again with the same one, the command is carried out once and answered alike').optional(),
      [HEADERS.actor]: text('Who asks; recorded as `nats:<this>`, because nobody checks it').optional(),
      ...cause,
      [HEADERS.correlation]: cause[HEADERS.correlation].optional(),
    }),
  ],
  ['EventHeaders', z.looseObject(eventHeaders)],
  [
    'DeadHeaders',
    z.looseObject({
      [DEAD_HEADERS.consumer]: text('Consumer that gave up'),
      [DEAD_HEADERS.messageId]: text('Id of the message it was').optional(),
      [DEAD_HEADERS.subject]: text('Subject of the message it was'),
      [DEAD_HEADERS.deliveries]: text('How often it was tried'),
      [DEAD_HEADERS.code]: text('Code of the failure'),
      [DEAD_HEADERS.message]: text('What went wrong'),
      [DEAD_HEADERS.time]: text('When it was given up'),
    }),
  ],
]);

/** Public commands of a contract: internal ones are for roles, and no promise. */
export const publicCommands = (contract: Contract) => Object.entries(contract.commands).filter(([, { internal }]) => !internal);

/** Data of every public command. */
export const commandSchemas = (contracts: readonly Contract[]): ReadonlyMap<string, z.ZodType> =>
  new Map(contracts.flatMap(publicCommands).map(([type, { data }]) => [type, data]));

/** Envelope of every event, with its own data; and the answers and free forms that subjects carry. */
export const eventSchemas = (contracts: readonly Contract[]): ReadonlyMap<string, z.ZodType> =>
  new Map<string, z.ZodType>([
    ...contracts.flatMap(({ category, events }) =>
      Object.entries(events).map(
        ([type, { version, data }]) =>
          [type, EventEnvelope.extend({ type: z.literal(type), category: z.literal(category), schema_version: z.literal(version), data })] as const,
      ),
    ),
    ['CommandReply', CommandReply],
    ['AnyEvent', EventEnvelope],
    ['RunFrame', RunFrame],
    ['Live', JsonValue.meta({ description: 'What the topic carries, e.g. a piece of a model’s reply' })],
  ]);
