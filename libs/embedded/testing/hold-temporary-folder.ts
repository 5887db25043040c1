/**
 * For tests of its death: a temporary folder, and a guarded process in it that takes its time to end and writes to the
 * folder until then. Says `{"folder":..,"pid":..}` on one line and stays until it is killed, or removes it on SIGTERM.
 */
import path from 'node:path';
import { startGuarded } from '../guarded.process.ts';
import { createTemporaryFolder } from '../temporary.folder.ts';

const SLOW = `trap 'sleep 0.5; exit' TERM; while :; do echo busy >>"$1/work"; sleep 0.05; done`;

const { path: folder, remove } = createTemporaryFolder('temporary-folder-');
const server = await startGuarded({
  command: 'sh',
  args: ['-c', SLOW, 'slow', folder],
  logFile: path.join(folder, 'slow.log'),
  pidFile: path.join(folder, 'slow.pid'),
  stopSignal: 'TERM',
  graceSeconds: 5,
});
process.stdout.write(`${JSON.stringify({ folder, pid: server.pid })}\n`);
process.once('SIGTERM', () => {
  void server.stop().then(remove);
});
const stay = setInterval(() => undefined, 60_000);
process.once('SIGTERM', () => clearInterval(stay));
