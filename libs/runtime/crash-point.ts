/**
 * Named places where a process may be killed on purpose, for the chaos tests. Started with
 * `AGENT_PLATFORM_CRASH_POINT=<name>[:<count>]` a process sends itself SIGKILL when it comes to that point for the
 * count-th time (default 1). Without the variable a point costs one comparison.
 */
export const CRASH_POINTS = [
  'gateway.before-command',
  'gateway.after-command',
  'gateway.in-sse-frame',
  'commands.before-append',
  'commands.during-append',
  'commands.after-append',
  'relay.after-lock',
  'relay.after-sequence',
  'relay.mid-publish',
  'relay.after-publish',
  'projector.after-receive',
  'projector.in-transaction',
  'projector.after-commit',
  'projector.rebuild-before-swap',
  'projector.rebuild-after-swap',
  'executor.after-receive',
  'executor.before-append',
  'executor.after-intent',
  'executor.during-effect',
  'executor.after-effect',
  'executor.after-append',
  'executor.before-ack',
  'scheduler.after-read',
  'scheduler.after-command',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

const [wanted, count] = (process.env['AGENT_PLATFORM_CRASH_POINT'] ?? '').split(':');
let left = Number(count ?? 1);

/** Ends the process, as a power cut would, when this point is the chosen one. */
export function crashPoint(name: CrashPoint): void {
  if (wanted !== name) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

/** The same one turn of the event loop later: in the middle of what was begun just before, its bytes on their way. */
export function crashPointSoon(name: CrashPoint): void {
  if (wanted === name) setImmediate(() => crashPoint(name));
}
