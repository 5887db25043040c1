import { z } from 'zod';
import { JsonObject } from '../kit/index.ts';
import { defineRoutes } from './route.ts';

const Status = z.enum(['up', 'down']);
const Health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
const Readiness = z
  .object({
    status: z.enum(['ready', 'not-ready']),
    checks: z.record(z.string(), z.object({ status: Status, latency_ms: z.number(), message: z.string().optional() })),
  })
  .meta({ id: 'Readiness' });

const Process = z
  .object({
    host: z.string(),
    pid: z.int(),
    uptime_seconds: z.number(),
    latency_ms: z.number(),
    areas: z.array(z.string()).optional().meta({ description: 'Aggregates it serves' }),
  })
  .meta({ id: 'ProcessHealth' });

const Role = z
  .object({
    name: z.string().meta({ description: 'Role, e.g. executor' }),
    status: Status,
    instances: z.int().meta({ description: 'Processes that answered' }),
    latency_ms: z.number().nullable(),
    areas: z.array(z.string()).optional().meta({ description: 'Aggregates that its processes serve together' }),
    unserved: z.array(z.string()).optional().meta({ description: 'Aggregates that there is work for, and no process' }),
    processes: z.array(Process).optional().meta({ description: 'Those that answered' }),
    message: z.string().optional(),
  })
  .meta({ id: 'ServiceHealth' });

/** Routes for operators. */
export const operationRoutes = defineRoutes({
  'operation.health': { method: 'GET', path: '/health', summary: 'The gateway is alive.', answer: Health, root: true },
  'operation.ready': {
    method: 'GET',
    path: '/ready',
    summary: 'The gateway and what it needs are up.',
    answer: Readiness,
    also: { 503: Readiness },
    root: true,
  },
  'operation.services': {
    method: 'GET',
    path: '/services/health',
    summary: 'Every role with its health. Answers although some are down.',
    answer: z.object({ status: z.enum(['up', 'degraded']), services: z.array(Role) }).meta({ id: 'Services' }),
  },
  'operation.projections': {
    method: 'GET',
    path: '/projections',
    summary: 'Where the read models stand.',
    answer: z
      .object({
        head: z.int().meta({ description: 'Newest position of the log' }),
        items: z.array(
          z
            .object({
              name: z.string(),
              version: z.int(),
              state: z.enum(['live', 'building']),
              position: z.int(),
              lag: z.int().meta({ description: 'Events behind the head' }),
            })
            .meta({ id: 'ProjectionStatus' }),
        ),
      })
      .meta({ id: 'Projections' }),
  },
  'operation.consumers': {
    method: 'GET',
    path: '/consumers',
    summary: 'JetStream streams and their consumers, with what they have not worked off.',
    answer: z
      .object({
        position: z.int().meta({ description: 'Newest event on JetStream' }),
        streams: z.array(z.object({ name: z.string(), messages: z.int(), bytes: z.int() })),
        consumers: z.array(
          z
            .object({
              stream: z.string(),
              reader: z.string(),
              consumer: z.string(),
              pending: z.int().meta({ description: 'Not delivered yet' }),
              unsettled: z.int().meta({ description: 'Delivered, not settled' }),
              redelivered: z.int(),
              waiting: z.int(),
            })
            .meta({ id: 'Consumer' }),
        ),
      })
      .meta({ id: 'Consumers' }),
  },
  'document.openapi': { method: 'GET', path: '/openapi.json', summary: 'This document.', answer: JsonObject, root: true },
  'document.asyncapi': { method: 'GET', path: '/asyncapi.json', summary: 'Commands and events on NATS, as AsyncAPI.', answer: JsonObject, root: true },
  'document.page': { method: 'GET', path: '/docs', summary: 'The routes, to read.', answer: z.string(), media: ['text/html'], root: true },
});
