import { WaitConfig } from '@agent-platform/contracts/nodes/wait.config';
import type { EffectNode, NodeOutcome, NodeWait } from './node.ts';
import { instantAfter } from './instant.ts';
import { failed, nodeError } from './outcome.ts';
import { asText, render, templateProblems } from './render.ts';

type Request = { signal: string; due_at?: string };

const waiting = ({ signal, due_at }: Request): NodeOutcome => {
  const wait: NodeWait = { for: 'signal', detail: { signal }, ...(due_at !== undefined && { due_at }) };
  return { status: 'waiting', wait };
};

export const waitNode: EffectNode<WaitConfig, Request> = {
  types: ['wait', 'signal'],
  kind: 'effect',
  summary: 'Waits for a signal to the run.',
  config: WaitConfig,
  routes: () => ['received', 'timed_out'],
  check: (config) => templateProblems(config),
  request(config, scope) {
    const rendered = render(config.signal, scope);
    if ('failed' in rendered) return rendered;
    const signal = asText(rendered.value).trim();
    if (signal === '') return { failed: nodeError('signal-name-empty', 'config.signal is empty once rendered; give the name of a signal.') };
    if (config.timeout_seconds === undefined) return { signal };
    if (scope.now === undefined) return { failed: nodeError('clock-missing', 'The node was asked for without the time of its command (scope.now).') };
    return { signal, due_at: instantAfter(scope.now, config.timeout_seconds) };
  },
  immediate: waiting,
  onUnknown: () => 'repeat',
  perform: (request) => Promise.resolve(waiting(request)),
  resume(request, signal) {
    if (signal['timed_out'] === true) {
      const error = nodeError('signal-timeout', `No signal "${request.signal}" came in time.`);
      return { status: 'completed', output_json: null, output_text: null, route: 'timed_out', fail_without_route: error };
    }
    const payload = signal['payload'];
    if (payload === undefined) return failed(nodeError('resume-invalid', 'A signal has a "payload"; send {"payload": ...}.'));
    return { status: 'completed', output_json: payload, output_text: null, route: 'received' };
  },
};
