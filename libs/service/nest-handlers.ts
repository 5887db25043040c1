import 'reflect-metadata';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CustomTransportStrategy, MessagePattern } from '@nestjs/microservices';
import { PassErrorsFilter } from '@agent-platform/messaging/nest/pass-errors.filter';
import type { Logger } from './log.ts';
import { nestLogger } from './nest-logger.ts';

/** A handler by the pattern its transport knows it by, and what the transport is told about it. */
export interface Handler<T> {
  readonly pattern: string;
  readonly summary: string;
  readonly internal?: boolean | undefined;
  handle(payload: T): unknown;
}

/**
 * Starts a Nest microservice whose handlers are data. Nest wants methods of a controller with decorators; they are
 * applied as plain calls, because Node runs the TypeScript as it is and strips types only.
 */
export async function startMicroservice<T>(
  strategy: CustomTransportStrategy,
  transport: symbol,
  handlers: readonly Handler<T>[],
  logger: Logger,
): Promise<INestMicroservice> {
  class Handlers {}
  for (const { pattern, summary, internal, handle } of handlers) {
    // A function of its own for each: Nest keeps the pattern on the function, and handlers may share one.
    const descriptor = { value: (payload: T) => handle(payload), configurable: true, writable: true };
    Object.defineProperty(Handlers.prototype, pattern, descriptor);
    MessagePattern(pattern, transport, { summary, internal })(Handlers.prototype, pattern, descriptor);
  }
  Controller()(Handlers);
  class Root {}
  Module({ controllers: [Handlers] })(Root);
  const app = await NestFactory.createMicroservice(Root, { strategy, logger: nestLogger(logger) });
  app.useGlobalFilters(new PassErrorsFilter());
  await app.listen();
  return app;
}
