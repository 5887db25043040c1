import { DelayConfig } from '@agent-platform/contracts/nodes/delay.config';
import { Seconds } from '@agent-platform/contracts/nodes/template.field';
import { z } from 'zod';
import type { EffectNode, NodeEnd } from './node.ts';
import { failed, nodeError } from './outcome.ts';
import { asText, render, type Rendered, templateProblems } from './render.ts';
import { instantAfter } from './instant.ts';

type Request = { due_at: string; past: boolean };

const Until = z.iso.datetime({ offset: true });

const passed = (request: Request): NodeEnd => ({ status: 'completed', output_json: { due_at: request.due_at }, output_text: null });

function dueAt(config: DelayConfig, value: unknown, now: string): Rendered<string> {
  if (config.until !== undefined) {
    const until = Until.safeParse(value);
    if (until.success) return { value: new Date(until.data).toISOString() };
    return {
      failed: nodeError(
        'delay-until-invalid',
        `config.until: "${String(value)}" is not an instant; write ISO 8601 with a time zone, e.g. 2030-01-31T08:00:00Z.`,
      ),
    };
  }
  const seconds = Seconds.safeParse(typeof value === 'string' && value.trim() !== '' ? Number(value) : value);
  if (seconds.success) return { value: instantAfter(now, seconds.data) };
  return { failed: nodeError('delay-seconds-invalid', `config.seconds: "${String(value)}" is not a number of seconds above 0 and up to a year (31536000).`) };
}

export const delayNode: EffectNode<DelayConfig, Request> = {
  types: ['delay'],
  kind: 'effect',
  summary: 'Waits for a time.',
  config: DelayConfig,
  check: (config) => templateProblems(config),
  request(config, scope) {
    if (scope.now === undefined) return { failed: nodeError('clock-missing', 'The node was asked for without the time of its command (scope.now).') };
    const rendered = render(config.until ?? config.seconds ?? null, scope);
    if ('failed' in rendered) return rendered;
    const due = dueAt(config, typeof rendered.value === 'number' ? rendered.value : asText(rendered.value), scope.now);
    return 'failed' in due ? due : { due_at: due.value, past: Date.parse(due.value) <= Date.parse(scope.now) };
  },
  immediate: (request) => (request.past ? passed(request) : { status: 'waiting', wait: { for: 'timer', detail: {}, due_at: request.due_at } }),
  onUnknown: () => 'repeat',
  perform: (request) => Promise.resolve(passed(request)),
  resume: (request, signal) =>
    signal['timed_out'] === true ? passed(request) : failed(nodeError('resume-invalid', 'Only its timer ends a delay; send {"timed_out": true}.')),
};
