import { z } from 'zod';
import type { Contract, RouteContract } from '@agent-platform/contracts/kit/index';
import { LogRef } from '@agent-platform/contracts/kit/index';
import { PublishedEventView } from '@agent-platform/contracts/event/event.contract';

/** Fields that only the read model has: they come from the envelopes of the events, which a decider never sees. */
const FROM_ENVELOPES = ['version', 'updated_at', 'ended_at', 'completed_at', 'published_at', 'dsl_json', 'definition'];

const Deleted = z.object({ id: z.string(), deleted: z.literal(true) });

/** Views of things that no query reads. */
const UNREAD: Readonly<Record<string, z.ZodObject>> = { 'event.publish': PublishedEventView };

const written = new Map<z.ZodType, z.ZodType>();

/**
 * What a route of a contract answers. A read: the result of its query. A write: the entity as it now is, or the part of
 * it that the command made (`workflow.create_version` answers what `workflow.version` reads), with its place in the log.
 */
export function answerOf(contract: Contract, route: RouteContract): z.ZodType {
  if (route.query !== undefined) return readAnswer(contract, route.query);
  const command = route.command ?? '';
  if (route.method === 'DELETE') return Deleted.extend({ workspace_id: z.string(), log: LogRef });
  const [noun = '', verb = ''] = command.split('.');
  const part = /^create_(\w+)$/.exec(verb)?.[1];
  const view = UNREAD[command] ?? contract.queries[`${noun}.${part ?? 'get'}`]?.result;
  if (!(view instanceof z.ZodObject)) throw new Error(`${command}: no query shows what it makes. Add "${noun}.${part ?? 'get'}" to the contract.`);
  return remembered(written, view, () => asWritten(view, part !== undefined));
}

const read = new Map<z.ZodType, z.ZodType>();

/** Reads of one record say which position they reflect; pages do by themselves. */
function readAnswer(contract: Contract, query: string): z.ZodType {
  const result = contract.queries[query]?.result;
  if (!(result instanceof z.ZodObject)) throw new Error(`query "${query}" is not in the contract, or its result is no object`);
  if ('items' in result.shape) return result;
  return remembered(read, result, () => z.object({ ...result.shape, position: z.int() }).meta({ id: `${nameOf(result)}Read` }));
}

/** When the entity was created is in every answer. Of a part it is in the answer that made it, not when it was there already. */
function asWritten(view: z.ZodObject, isPart: boolean): z.ZodType {
  const fields = isPart ? [...FROM_ENVELOPES, 'created_at'] : FROM_ENVELOPES;
  const late = Object.fromEntries(fields.filter((field) => field in view.shape).map((field) => [field, true])) as Record<never, true>;
  return z.looseObject({ ...view.partial(late).shape, workspace_id: z.string(), log: LogRef }).meta({ id: `${nameOf(view)}Written` });
}

function nameOf(view: z.ZodType): string {
  const id = view.meta()?.id;
  if (id === undefined) throw new Error('a view has no id: give it .meta({ id })');
  return id;
}

function remembered(map: Map<z.ZodType, z.ZodType>, key: z.ZodType, make: () => z.ZodType): z.ZodType {
  const made = map.get(key) ?? make();
  map.set(key, made);
  return made;
}
