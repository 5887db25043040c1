import { request } from 'undici';
import { askHealth } from '@agent-platform/service/health';
import { check } from './dependency-check.ts';
import type { Gateway } from './gateway.ts';

/** The roles that are asked over NATS. */
const ROLES = ['gateway', 'commands', 'relay', 'projector', 'executor', 'scheduler'] as const;
/** Those that know about aggregates; for the others all events and timers are the same. */
const WITH_AREAS: ReadonlySet<string> = new Set(['gateway', 'commands', 'projector', 'executor']);

export interface ServiceHealth {
  readonly name: string;
  readonly status: 'up' | 'down';
  /** Processes that answered. */
  readonly instances: number;
  /** Until the first answer. */
  readonly latency_ms: number | null;
  /** Aggregates it serves. */
  readonly areas?: readonly string[];
  readonly message?: string;
}

/** Every role and how it is; one that does not answer is down, and costs a fraction of a second. */
export async function servicesHealth(gateway: Gateway): Promise<{ status: 'up' | 'degraded'; services: readonly ServiceHealth[] }> {
  const services = await Promise.all([...ROLES.map((role) => roleHealth(gateway, role)), modelGatewayHealth(gateway)]);
  return { status: services.every(({ status }) => status === 'up') ? 'up' : 'degraded', services };
}

async function roleHealth({ nats, features }: Gateway, name: string): Promise<ServiceHealth> {
  const answers = await askHealth(nats, name).catch(() => []);
  const [first] = answers;
  if (!first) return { name, status: 'down', instances: 0, latency_ms: null, message: `No ${name} role answers on NATS.` };
  return {
    name,
    status: 'up',
    instances: answers.length,
    latency_ms: first.latency_ms,
    ...(WITH_AREAS.has(name) && { areas: features.all.map(({ contract }) => contract.category) }),
  };
}

async function modelGatewayHealth({ modelGatewayUrl }: Gateway): Promise<ServiceHealth> {
  const { status, latency_ms, message } = await check(async () => {
    const { statusCode, body } = await request(new URL('/ready', modelGatewayUrl));
    await body.dump();
    if (statusCode !== 200) throw new Error(`It answered ${statusCode}.`);
  });
  const up = status === 'up';
  return { name: 'model-gateway', status, instances: up ? 1 : 0, latency_ms: up ? latency_ms : null, ...(message !== undefined && { message }) };
}
