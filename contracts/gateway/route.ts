import type { z } from 'zod';

/** What a body or an answer is made of when it is not JSON. */
export type MediaType = 'application/json' | 'application/yaml' | 'text/event-stream' | 'text/html' | 'application/octet-stream';

/**
 * A route of the gateway that carries neither a command nor a query of a contract. The gateway reads its parameters
 * with these schemas, and the OpenAPI document is made from them. Path parameters are written `{name}`.
 */
export interface GatewayRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  /** Path and query parameters together. */
  readonly params?: z.ZodType;
  readonly body?: z.ZodType;
  /** Other media types the body may have, as text. */
  readonly text_body?: MediaType;
  /** JSON unless `media` says otherwise. */
  readonly answer: z.ZodType;
  /** 101: a WebSocket, whose frames are the answer. */
  readonly status?: 101 | 200 | 201 | 202;
  /** First of the media types of the answer; with several, `accept` chooses. */
  readonly media?: readonly MediaType[];
  /** Outside `/api/v1` and `/gateway`: at the root. */
  readonly root?: true;
  /** What it answers besides its status, e.g. 503 of the readiness. */
  readonly also?: Readonly<Record<number, z.ZodType>>;
  /** Errors are OpenAI's, so that its clients understand them. */
  readonly dialect?: 'openai';
}

/** Identity with inference: keeps the names of the routes as types. */
export const defineRoutes = <const R extends Readonly<Record<string, GatewayRoute>>>(routes: R): R => routes;
