import { whyNoContainer } from '@agent-platform/embedded/testing/container-engine';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { describe } from 'vitest';
import { conformance } from './testing/conformance.ts';
import { logOn } from './testing/log-on-server.ts';

/** What operators are given: infra/docker and infra/k8s name the same image. */
const IMAGE = 'pgvector/pgvector:pg18';
const reason = await whyNoContainer(IMAGE);

describe.skipIf(reason !== null)(`in a container (${reason ?? IMAGE})`, () => {
  conformance('on the Postgres of the image', async () => {
    const container = await new PostgreSqlContainer(IMAGE).start();
    return logOn({
      url: container.getConnectionUri(),
      async stop() {
        await container.stop();
      },
    });
  });
});
