import { toFailure, toProblem } from '@agent-platform/kernel/index';
import type { Base, Role } from '@agent-platform/service/base';
export async function startCommandsRole(base: Base): Promise<Role> {
  base.nats.subscribe('cmd.>', { queue: 'commands', callback: (_e, m) => {
    const [, workspace_id = '', ...type] = m.subject.split('.');
    base.commands({ type: type.join('.'), workspace_id, data: JSON.parse(m.string()), cause: { actor: 'nats', correlation_id: 'x' } }).then(
      (r) => m.respond(JSON.stringify(r)), (error) => { const f = toFailure(error); if (f.kind === 'fault') base.logger.error({ error: f }, 'cmd'); m.respond(JSON.stringify({ ok: false, problem: toProblem(f) })); });
  } });
  return { name: 'commands', close: async () => {} };
}
