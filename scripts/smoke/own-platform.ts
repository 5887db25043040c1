import { startPlatform, type RunningPlatform } from '@agent-platform/app-platform/platform';
import { createTemporaryFolder } from '@agent-platform/embedded/index';

/**
 * Does something with a platform on servers of its own, in a folder that is deleted afterwards. When this process is
 * killed, servers, roles and folder go as well. Throws what keeps the platform from starting.
 */
export async function withPlatform<T>(tell: (line: string) => void, work: (platform: RunningPlatform) => Promise<T>): Promise<T> {
  const folder = createTemporaryFolder('agent-platform-smoke-');
  try {
    tell('No addresses are set: starting a platform …');
    const platform = await startPlatform({ dataDir: folder.path, port: 0, tell, env: { AGENT_PLATFORM_LOG_LEVEL: 'warn' } });
    try {
      return await work(platform);
    } finally {
      await platform.close();
    }
  } finally {
    await folder.remove();
  }
}
