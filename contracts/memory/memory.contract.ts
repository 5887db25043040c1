import { z } from 'zod';
import { Code, defineContract, GetParams, Id, idExcept, JsonObject, pageOf, PageParams, Time } from '../kit/index.ts';

/** Whose memory it is; together with `scope_id` it says where a memory can be found, and nowhere else. */
export const MemoryScopeType = z.enum(['user', 'session', 'agent', 'team']);
/** Id of the user, session, agent or team. */
export const MemoryScopeId = z.string().trim().min(1).max(200);
export const MemoryStatus = z.enum(['active', 'revoked', 'expired']);

const MemoryText = z.string().trim().min(1).max(20_000);
/** 0 (least) to 100. */
const Importance = z.number().min(0).max(100);
const Reason = z.string().max(1000);

const changeable = { memory_type: Code, content_text: MemoryText, importance_score: Importance, metadata_json: JsonObject, expires_at: Time.nullable() };

const events = {
  'memory.created': {
    summary: 'Something is remembered.',
    version: 1,
    data: z.object({ scope_type: MemoryScopeType, scope_id: MemoryScopeId, ...changeable, source_run_id: Id.nullable() }),
  },
  'memory.updated': { summary: 'Fields of a memory changed.', version: 1, data: z.object(changeable).partial() },
  'memory.revoked': { summary: 'A memory does not hold any more; it is kept, and not found.', version: 1, data: z.object({ reason: Reason.nullable() }) },
  'memory.expired': { summary: 'The time of a memory is over.', version: 1, data: z.object({ expires_at: Time }) },
  'memory.deleted': { summary: 'A memory was deleted.', version: 1, data: z.object({}) },
} as const;

export const MemoryView = z
  .object({
    id: Id,
    workspace_id: z.string(),
    scope_type: MemoryScopeType,
    scope_id: MemoryScopeId,
    memory_type: Code,
    content_text: z.string(),
    importance_score: Importance,
    metadata_json: JsonObject,
    status: MemoryStatus,
    reason: Reason.nullable().meta({ description: 'Why it was revoked' }),
    source_run_id: Id.nullable().meta({ description: 'The run that wrote it' }),
    created_by: z.string().meta({ description: 'Who or what wrote it' }),
    expires_at: Time.nullable(),
    version: z.int().meta({ description: 'Version of the stream' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Memory' });

const memory = { memory_id: Id };

export const memoryContract = defineContract({
  category: 'memory',
  events,
  commands: {
    'memory.create': {
      summary: 'Remember something for a user, a session, an agent or a team.',
      target: 'memory_id',
      creates: true,
      data: z.strictObject({
        memory_id: idExcept('search', 'reads').optional(),
        scope_type: MemoryScopeType,
        scope_id: MemoryScopeId,
        memory_type: Code.default('note').meta({ description: 'Kind of memory, a word of your own, e.g. preference, conversation' }),
        content_text: MemoryText,
        importance_score: Importance.default(50).meta({ description: '0 (least) to 100' }),
        metadata_json: JsonObject.default({}),
        expires_at: Time.optional().meta({ description: 'From then on it is not found' }),
        source_run_id: Id.optional().meta({ description: 'The run that writes it' }),
      }),
      example: {
        memory_id: 'memory-1',
        scope_type: 'user',
        scope_id: 'user-1',
        memory_type: 'preference',
        content_text: 'Prefers answers in short sentences',
        importance_score: 80,
      },
    },
    'memory.update': {
      summary: 'Change fields of a memory; what is not named stays. null takes the expiry away.',
      target: 'memory_id',
      data: z.strictObject({ ...memory, ...z.object(changeable).partial().shape }),
      example: { memory_id: 'memory-1', importance_score: 90 },
    },
    'memory.revoke': {
      summary: 'Say that a memory does not hold any more: it is kept with the reason, and not found by searches.',
      target: 'memory_id',
      data: z.strictObject({ ...memory, reason: Reason.optional() }),
      example: { memory_id: 'memory-1', reason: 'The user changed her mind' },
    },
    'memory.delete': {
      summary: 'Delete a memory: gone from lists and searches.',
      target: 'memory_id',
      data: z.strictObject(memory),
      example: { memory_id: 'memory-1' },
    },
    'memory.expire': {
      summary: 'The time of a memory is over: issued when its timer is due.',
      target: 'memory_id',
      internal: true,
      data: z.strictObject({ ...memory, expires_at: Time }),
      example: { memory_id: 'memory-1', expires_at: '2026-04-26T12:00:00.000Z' },
    },
  },
  queries: {
    'memory.get': { summary: 'One memory.', params: z.object({ ...memory, ...GetParams }), result: MemoryView },
    'memory.list': {
      summary: 'Memories, newest first.',
      params: z.object({
        ...PageParams,
        scope_type: MemoryScopeType.optional(),
        scope_id: MemoryScopeId.optional(),
        memory_type: Code.optional(),
        status: MemoryStatus.optional(),
        source_run_id: Id.optional(),
        q: z.string().max(200).optional().meta({ description: 'Part of the text' }),
      }),
      result: pageOf(MemoryView),
    },
  },
  routes: [
    { method: 'POST', path: '/memories', command: 'memory.create', status: 201 },
    { method: 'GET', path: '/memories', query: 'memory.list' },
    { method: 'GET', path: '/memories/{memory_id}', query: 'memory.get' },
    { method: 'PATCH', path: '/memories/{memory_id}', command: 'memory.update' },
    { method: 'DELETE', path: '/memories/{memory_id}', command: 'memory.delete' },
    { method: 'POST', path: '/memories/{memory_id}/revoke', command: 'memory.revoke' },
  ],
});
