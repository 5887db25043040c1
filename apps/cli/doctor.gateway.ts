import { z } from 'zod';
import type { Context } from './context.ts';
import { fail, type Finding, ok, orFail } from './doctor.check.ts';

const Checks = z.object({ checks: z.record(z.string(), z.looseObject({ status: z.string(), message: z.string().optional() })) });
const Services = z.object({
  services: z.array(
    z.looseObject({ name: z.string(), status: z.string(), instances: z.number(), latency_ms: z.number().nullable(), message: z.string().optional() }),
  ),
});

/** The gateway and, through it, every role. */
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
    const { services } = Services.parse(await gateway.get('/services/health'));
    return [
      ready,
      ...services.map(({ name, status: state, instances, latency_ms, message }) =>
        state === 'up'
          ? ok(`role ${name}`, `${instances} running${latency_ms === null ? '' : `, answers in ${Math.round(latency_ms)} ms`}`)
          : fail(`role ${name}`, message ?? 'down', `Start it: node scripts/run.mjs apps/${name}/main.ts, or "ap up" for all.`),
      ),
    ];
  });
