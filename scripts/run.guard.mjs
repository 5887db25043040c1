// A child process that ends with us, also when we are killed.
import { spawn } from 'node:child_process';

// The shell becomes the program (exec). Beside it stays a small reader of a pipe that we hold open:
// a word on it means that all is well, its end without one that we were killed.
const RUNNER = `
(
  trap '' INT TERM HUP
  if ! read -r word; then
    kill -TERM $$ 2>/dev/null
    n=0
    while [ $n -lt 100 ] && kill -0 $$ 2>/dev/null; do sleep 0.1; n=$((n + 1)); done
    kill -KILL -$$ 2>/dev/null
  fi
) <&3 >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/** Starts a command that ends with us, in a session of its own; its descriptor 3 is taken. */
export function spawnGuarded(command, { stdio, ...options }) {
  if (process.platform === 'win32') return spawn(command[0], command.slice(1), { ...options, stdio });
  const child = spawn('sh', ['-c', RUNNER, 'run', ...command], { ...options, stdio: [...stdio, 'pipe'], detached: true });
  child.stdio[3].on('error', () => {});
  child.once('exit', () => child.stdio[3].end('done\n'));
  return child;
}
