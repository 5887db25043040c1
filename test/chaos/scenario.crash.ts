import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CrashPoint } from '@agent-platform/runtime/crash-point';
import { CRASH_POINTS } from '@agent-platform/runtime/crash-point';
import { startProcess } from './role.process.ts';
import type { Outcome, Scenario } from './scenario.ts';
import type { Stack } from './stack.ts';

const HIT_WITHIN_MS = 60_000;

/** Points that a process comes to only once. */
const ONCE: ReadonlySet<CrashPoint> = new Set<CrashPoint>(['relay.after-lock', 'projector.rebuild-before-swap', 'projector.rebuild-after-swap']);

/** Two kills at every listed point: at the first hit and, where there is one, at a later one. */
export const crashScenarios: readonly Scenario[] = CRASH_POINTS.flatMap((point) =>
  ONCE.has(point) ? [crash(point, 'first')] : [crash(point, 'first'), crash(point, 'later')],
);

function crash(point: CrashPoint, hit: 'first' | 'later'): Scenario {
  const role = point.split('.')[0] ?? '';
  return {
    name: `crash ${point} (${hit})`,
    group: role,
    async run(stack) {
      const count = hit === 'first' ? 1 : stack.random.int(2, 12);
      if (point.startsWith('projector.rebuild')) return crashRebuild(stack, point);
      const place = stack.cluster.places.find((name) => name.split('-')[0] === role);
      if (place === undefined) return { done: false, note: `there is no ${role} in this stack` };
      const armed = await stack.cluster.replace(place, { AGENT_PLATFORM_CRASH_POINT: `${point}:${count}` });
      if (point === 'gateway.in-sse-frame') void readEvents(stack, armed.exited);
      const how = await Promise.race([armed.exited, pause(HIT_WITHIN_MS).then(() => null)]);
      if (how === null) await stack.cluster.kill(place);
      return how === 'SIGKILL'
        ? { done: true, note: `died at hit ${count}` }
        : { done: false, note: how === null ? `hit ${count} did not come in ${HIT_WITHIN_MS / 1000} s` : `ended with ${how} instead` };
    },
  };
}

/** A rebuild is a process that an operator starts; it is killed, and started again without the crash. */
async function crashRebuild({ env, folder, cluster }: Stack, point: CrashPoint): Promise<Outcome> {
  const log = join(folder, 'rebuild.log');
  const how = await startProcess('test/chaos/rebuild.process.ts', { ...env, AGENT_PLATFORM_CRASH_POINT: point }, log).exited;
  const again = await startProcess('test/chaos/rebuild.process.ts', env, log).exited;
  await cluster.ready();
  return { done: how === 'SIGKILL' && again === '0', note: `the rebuild ended with ${how}, the next one with ${again}` };
}

/** Somebody follows runs as server-sent events for as long as the gateway lives. */
async function readEvents({ observer, env }: Stack, end: Promise<unknown>): Promise<void> {
  let over = false;
  void end.then(() => (over = true));
  const url = `http://127.0.0.1:${env['AGENT_PLATFORM_HTTP_PORT']}/api/v1/runtime/runs`;
  while (!over) {
    const [run, workspace] = [...observer.open].at(-1) ?? [];
    if (run === undefined || workspace === undefined) await pause(20);
    else {
      // The gateway is being killed: a broken answer is what this is for.
      await fetch(`${url}/${run}/events`, { headers: { 'x-workspace-id': workspace, accept: 'text/event-stream' }, signal: AbortSignal.timeout(3_000) })
        .then((response) => response.text())
        .catch(() => pause(50));
    }
  }
}
