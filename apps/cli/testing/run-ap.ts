import type { Terminal } from '../context.ts';
import { runCli } from '../run-cli.ts';

/** What a command line wrote, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ap` in this process, as somebody does whose output goes to a file. */
export async function runAp(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  options: { readonly interrupted?: AbortSignal; readonly onStderr?: (text: string) => void; readonly platform?: Terminal['platform'] } = {},
): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, {
    env,
    stdout: (text) => (stdout += text),
    stderr: (text) => {
      stderr += text;
      options.onStderr?.(text);
    },
    interactive: false,
    platform: options.platform,
    interrupted: options.interrupted ?? new AbortController().signal,
  });
  return { code, stdout, stderr };
}
