import { z } from 'zod';

/** One token of a NATS subject: no dot, star, angle bracket, space or control character can get in. */
const TOKEN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Id of a stream or of anything inside one. UUID v7 where the platform makes it; callers may bring their own. */
export const Id = z
  .string()
  .regex(TOKEN, 'must be 1 to 64 letters, digits, "-" or "_", and start with a letter or digit')
  .meta({ description: 'Id: 1 to 64 letters, digits, "-" or "_"' });

/** An id for something new, but not one of the words that stand in the id's place in HTTP paths. */
export const idExcept = (...words: readonly string[]) =>
  Id.refine((id) => !words.includes(id), `must not be one of ${words.join(', ')}: paths use these words`);

/** Tenancy field of every record. */
export const WorkspaceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'must be 1 to 40 lower-case letters, digits, "-" or "_"')
  .meta({ description: 'Workspace: 1 to 40 lower-case letters, digits, "-" or "_"' });

/** Stable human-chosen key, unique per workspace and kind. */
export const Code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'must be 1 to 100 letters, digits, "_", "-" or "."');

export const Name = z.string().trim().min(1).max(200);

/** UTC instant in ISO 8601 with milliseconds, as Postgres' clock gave it. */
export const Time = z.iso.datetime({ offset: true });

/** Any JSON object. Depth and size are limited where bytes enter the process (see kit/limits.ts). */
export const JsonObject = z.record(z.string(), z.json());
export type JsonObject = z.output<typeof JsonObject>;
export const JsonValue = z.json();
export type JsonValue = z.output<typeof JsonValue>;
