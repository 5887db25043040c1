import { z } from 'zod';
import { WorkspaceId } from '@agent-platform/contracts/kit/ids';
import { flag, type Setting } from './config.ts';

type Settings = Readonly<Record<string, Setting>>;

/** What `npm start` reads besides the settings of the roles. */
export const START_SETTINGS = {
  AGENT_PLATFORM_DATA: { schema: z.string().default('.data'), help: 'npm start: folder where everything is kept.', example: '.data' },
  AGENT_PLATFORM_POSTGRES: {
    schema: z.enum(['pglite', 'native']).default('pglite'),
    help: 'npm start: the Postgres it brings; for one that runs already set AGENT_PLATFORM_DATABASE_URL.',
    example: 'pglite',
  },
  AGENT_PLATFORM_PROCESSES: { schema: flag.default(false), help: 'npm start: every role in a process of its own.', example: 'true' },
} as const satisfies Settings;

/** What the command line `ap` reads. */
export const CLI_SETTINGS = {
  AGENT_PLATFORM_URL: { schema: z.url().default('http://127.0.0.1:8000'), help: 'ap: where the gateway is.', example: 'http://127.0.0.1:8000' },
  AGENT_PLATFORM_WORKSPACE: { schema: WorkspaceId.default('public'), help: 'ap: the workspace.', example: 'public' },
} as const satisfies Settings;

const service = z.url({ protocol: /^(https?|nats|tls)$/, error: 'must be an http, https or nats address' }).optional();

/** What `npm run smoke` reads. */
export const SMOKE_SETTINGS = {
  AGENT_PLATFORM_SMOKE_WORKFLOW_URL: {
    schema: service,
    help: 'npm run smoke: workflows behind a gateway, or nats://host:port for the command services themselves.',
    example: 'http://127.0.0.1:8000/gateway/workflows',
  },
  AGENT_PLATFORM_SMOKE_RUNTIME_URL: {
    schema: service,
    help: 'npm run smoke: the same for runs. Without both addresses it starts a platform of its own.',
    example: 'http://127.0.0.1:8000/gateway/runtime',
  },
  AGENT_PLATFORM_SMOKE_TENANT_ID: { schema: WorkspaceId.default('t1'), help: 'npm run smoke: the workspace it works in.', example: 't1' },
  AGENT_PLATFORM_SMOKE_API_KEY: {
    schema: z.string().optional(),
    secret: true,
    help: 'npm run smoke: sent to the gateway as bearer token and as x-api-key.',
    example: '',
  },
} as const satisfies Settings;
