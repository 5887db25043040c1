/**
 * A folder that does not outlive us, whatever ends us.
 *
 * As with servers (guarded.process.ts) a small shell reads a pipe that only we hold open. At its end, also after a
 * SIGKILL, it waits for the servers whose pid files lie in the folder, which their guards are just ending, and deletes it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Longer than any server's grace period, in tenths of a second. */
const PATIENCE = 400;

const KEEPER = `
folder=$1; patience=$2
while read -r line; do :; done
in_use() {
  find "$folder" -name '*.pid' 2>/dev/null | while read -r file; do
    read -r pid <"$file"
    case $pid in ''|*[!0-9]*) ;; *) kill -0 "$pid" && echo "$pid" ;; esac
  done 2>/dev/null
}
n=0
while [ "$n" -lt "$patience" ] && [ -n "$(in_use)" ]; do sleep 0.1; n=$((n + 1)); done
n=0
while rm -rf "$folder"; [ -e "$folder" ] && [ "$n" -lt 50 ]; do sleep 0.1; n=$((n + 1)); done
`;

/** A folder of our own. */
export interface TemporaryFolder {
  readonly path: string;
  /** Deletes it; stop its servers before, they are waited for. Later calls wait for the first. */
  remove(): Promise<void>;
}

/** Makes a folder whose name begins with `prefix` where the system keeps temporary files. */
export function createTemporaryFolder(prefix: string): TemporaryFolder {
  const folder = mkdtempSync(path.join(tmpdir(), prefix));
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', folder, String(PATIENCE)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
  const ended = new Promise<void>((resolve) => {
    keeper.once('exit', () => resolve());
    keeper.once('error', () => resolve());
  });
  keeper.stdin.on('error', () => undefined);
  // It holds nobody: a process with nothing else to do may end, and the keeper then does its work.
  keeper.unref();
  (keeper.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    path: folder,
    async remove() {
      keeper.ref();
      keeper.stdin.end();
      await ended;
      // Where the keeper could not be started, or was killed.
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
