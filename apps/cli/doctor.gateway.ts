import { z } from 'zod';
import type { Context } from './context.ts';
import { fail, type Finding, ok, orFail, warn } from './doctor.check.ts';

const Checks = z.object({ checks: z.record(z.string(), z.looseObject({ status: z.string(), message: z.string().optional() })) });
const Process = z.looseObject({ host: z.string(), pid: z.number(), areas: z.array(z.string()).optional() });
const Service = z.looseObject({
  name: z.string(),
  status: z.string(),
  instances: z.number(),
  latency_ms: z.number().nullable(),
  areas: z.array(z.string()).optional(),
  unserved: z.array(z.string()).optional(),
  processes: z.array(Process).optional(),
  message: z.string().optional(),
});
export type Service = z.output<typeof Service>;
const Services = z.object({ services: z.array(Service) });

const ReadModels = z.object({ head: z.number(), items: z.array(z.looseObject({ name: z.string(), state: z.string(), lag: z.number() })) });

/** Events a read model may be behind before it is worth a look. */
const LAG = 1_000;

/** The gateway and, through it, every role and read model. */
export const lookAtGateway = ({ gateway, url }: Context): Promise<readonly Finding[]> =>
  orFail('gateway', 'Start the platform with "ap up", or check --url and AGENT_PLATFORM_URL.', async () => {
    const { status, body } = await gateway.probe('/ready');
    const down = Object.entries(Checks.safeParse(body).data?.checks ?? {}).filter(([, one]) => one.status !== 'up');
    const ready =
      status === 200
        ? ok('gateway', `ready at ${url}`)
        : fail(
            'gateway',
            `not ready (${status})${down.map(([name, { message }]) => `; ${name}: ${message ?? 'down'}`).join('')}`,
            'Mend what is down; the gateway is ready by itself then.',
          );
    const [health, projections] = await Promise.all([gateway.get('/services/health'), gateway.get('/projections')]);
    return [ready, readModelsFinding(ReadModels.parse(projections)), ...Services.parse(health).services.map(roleFinding)];
  });

/** How far the read models are behind the log. */
export function readModelsFinding({ head, items }: z.output<typeof ReadModels>): Finding {
  const live = items.filter(({ state }) => state === 'live');
  const behind = live.filter(({ lag }) => lag > LAG);
  if (behind.length === 0) return ok('read models', `${live.length} at the head of the log (${head})`);
  const text = behind.map(({ name, lag }) => `${name} is ${lag} events behind`).join(', ');
  return fail('read models', text, 'Look at the projector role: is it running, what does its log say?');
}

/** A role as the doctor shows it: whether it runs, and what its processes serve. */
export function roleFinding(service: Service): Finding {
  const { name, status, instances, latency_ms, unserved, message } = service;
  const check = `role ${name}`;
  if (status !== 'up') return fail(check, message ?? 'down', `Start it: node scripts/run.mjs apps/${name}/main.ts, or "ap up" for all.`);
  const text = [`${instances} running${latency_ms === null ? '' : `, answers in ${Math.round(latency_ms)} ms`}`, ...served(service)].join('; ');
  return unserved === undefined
    ? ok(check, text)
    : warn(
        check,
        `${text}; nobody serves ${unserved.join(', ')}`,
        `Start one more with AGENT_PLATFORM_FEATURES=${unserved.join(',')}, or without that setting.`,
      );
}

/** Process by process where they differ. */
function served({ areas = [], processes = [] }: Service): readonly string[] {
  if (areas.length === 0) return [];
  if (processes.every((one) => one.areas?.length === areas.length)) return [`serves ${areas.join(', ')}`];
  return processes.map((one) => `${one.host}/${one.pid} serves ${one.areas?.join(', ') ?? 'everything'}`);
}
