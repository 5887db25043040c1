import { request } from 'undici';
import { z } from 'zod';
import { askHealth, type HealthAnswer } from '@agent-platform/service/health';
import { check } from './dependency-check.ts';
import type { Gateway } from './gateway.ts';

/** The roles that are asked over NATS. */
const ROLES = ['gateway', 'commands', 'relay', 'projector', 'executor', 'scheduler'] as const;

/** One process of a role. */
export type ProcessHealth = Pick<HealthAnswer, 'host' | 'pid' | 'uptime_seconds' | 'latency_ms' | 'areas'>;

export interface ServiceHealth {
  readonly name: string;
  readonly status: 'up' | 'down';
  /** How many processes answered. */
  readonly instances: number;
  /** Until the first answer. */
  readonly latency_ms: number | null;
  /** Aggregates that its processes serve together. Absent: to it, all events and timers are the same. */
  readonly areas?: readonly string[];
  /** Aggregates that there is work for, and no process. */
  readonly unserved?: readonly string[];
  /** Those that answered; absent for the roles that are not asked over NATS. */
  readonly processes?: readonly ProcessHealth[];
  readonly message?: string;
}

/** Every role and how it is; one that does not answer is down, and costs a fraction of a second. */
export async function servicesHealth(gateway: Gateway): Promise<{ status: 'up' | 'degraded'; services: readonly ServiceHealth[] }> {
  const services = await Promise.all([...ROLES.map((role) => roleHealth(gateway, role)), modelGatewayHealth(gateway), codeRunnerHealth(gateway)]);
  return { status: services.every(({ status, unserved }) => status === 'up' && !unserved) ? 'up' : 'degraded', services };
}

async function roleHealth({ nats }: Gateway, name: string): Promise<ServiceHealth> {
  return summary(name, await askHealth(nats, name).catch(() => []));
}

/** What the answers of a role's processes come to. */
export function summary(name: string, answers: readonly HealthAnswer[]): ServiceHealth {
  const [first] = answers;
  if (!first) return { name, status: 'down', instances: 0, latency_ms: null, processes: [], message: `No ${name} role answers on NATS.` };
  const areas = [...new Set(answers.flatMap((one) => one.areas ?? []))];
  const notes = [...new Set(answers.flatMap((one) => one.message ?? []))];
  const unserved = [...new Set(answers.flatMap((one) => one.others ?? []))].filter((area) => !areas.includes(area));
  return {
    name,
    status: 'up',
    instances: answers.length,
    latency_ms: first.latency_ms,
    ...(areas.length > 0 && { areas }),
    ...(unserved.length > 0 && { unserved }),
    ...(unserved.length + notes.length > 0 && { message: [...unservedText(name, unserved), ...notes].join(' ') }),
    processes: answers.map(({ host, pid, uptime_seconds, latency_ms, areas: own }) => ({ host, pid, uptime_seconds, latency_ms, ...(own && { areas: own }) })),
  };
}

const unservedText = (name: string, unserved: readonly string[]): readonly string[] =>
  unserved.length === 0 ? [] : [`No ${name} works on ${unserved.join(', ')}: what there is to do waits.`];

async function modelGatewayHealth({ modelGatewayUrl }: Gateway): Promise<ServiceHealth> {
  return overHttp('model-gateway', async () => {
    const { statusCode, body } = await request(new URL('/ready', modelGatewayUrl));
    await body.dump();
    if (statusCode !== 200) throw new Error(`It answered ${statusCode}.`);
  });
}

const Language = z.union([z.object({ tier: z.string() }), z.object({ unavailable: z.string() }), z.object({ probing: z.literal(true) })]);
const Runner = z.object({ languages: z.record(z.string(), Language) });

function told(language: z.output<typeof Language>): string {
  if ('tier' in language) return language.tier;
  return 'unavailable' in language ? `not available. ${language.unavailable}` : 'its sandbox is being tried';
}

/** Up when it answers: what it can't run here, for want of a sandbox, is told and leaves the rest of the platform as it is. */
async function codeRunnerHealth({ codeRunnerUrl }: Gateway): Promise<ServiceHealth> {
  let tiers = '';
  const health = await overHttp('code-runner', async () => {
    const { body } = await request(new URL('/ready', codeRunnerUrl));
    const { languages } = Runner.parse(await body.json());
    tiers = Object.entries(languages)
      .map(([name, language]) => `${name}: ${told(language)}`)
      .join('; ');
  });
  return tiers === '' ? health : { ...health, message: tiers };
}

/** A role that is asked over HTTP: the one that runs code of users is not on NATS, and the holder of keys need not be. */
async function overHttp(name: string, ask: () => Promise<void>): Promise<ServiceHealth> {
  const { status, latency_ms, message } = await check(ask);
  const up = status === 'up';
  return { name, status, instances: up ? 1 : 0, latency_ms: up ? latency_ms : null, ...(message !== undefined && { message }) };
}
