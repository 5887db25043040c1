/** `npm run smoke`: makes a workflow and runs it, on a platform that runs or on one of its own. See USAGE. */
import { parseArgs } from 'node:util';
import { loadEnvFile } from '@agent-platform/app-platform/env-file';
import { Failure } from '@agent-platform/kernel/index';
import { readSettings } from '@agent-platform/service/config';
import { SMOKE_SETTINGS } from '@agent-platform/service/program.settings';
import { checkNode } from './node.version.ts';
import { nameOf, tryWay, type Way } from './smoke/way.ts';
import { withPlatform } from './smoke/own-platform.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

const USAGE = `npm run smoke        makes a workflow and runs it, with no model, tool or key of a provider

  AGENT_PLATFORM_SMOKE_WORKFLOW_URL   where workflows are   http://127.0.0.1:8000/gateway/workflows, or nats://127.0.0.1:4222
  AGENT_PLATFORM_SMOKE_RUNTIME_URL    where runs are        http://127.0.0.1:8000/gateway/runtime, or nats://127.0.0.1:4222
  AGENT_PLATFORM_SMOKE_TENANT_ID      the workspace         t1
  AGENT_PLATFORM_SMOKE_API_KEY        for the gateway, as bearer token and x-api-key

An http address goes through a gateway, authenticated when there is a key; a nats address goes to the services directly.
Without both addresses a platform of its own is started, and tried directly and through its gateway.
Exit codes: 0 all went well, 1 it did not, 2 wrong usage.
`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** The one way that the settings name, or null: a platform of our own, in both. */
function readWay(env: NodeJS.ProcessEnv): { readonly tenant: string; readonly key: string | undefined; readonly named: Way | null } {
  const settings = readSettings(SMOKE_SETTINGS, env);
  const { AGENT_PLATFORM_SMOKE_TENANT_ID: tenant, AGENT_PLATFORM_SMOKE_API_KEY: key } = settings;
  const workflowUrl = settings.AGENT_PLATFORM_SMOKE_WORKFLOW_URL?.replace(/\/+$/, '');
  const runtimeUrl = settings.AGENT_PLATFORM_SMOKE_RUNTIME_URL?.replace(/\/+$/, '');
  if (workflowUrl !== undefined && runtimeUrl !== undefined) return { tenant, key, named: { workflowUrl, runtimeUrl, tenant, key } };
  if (workflowUrl === undefined && runtimeUrl === undefined) return { tenant, key, named: null };
  const missing = workflowUrl === undefined ? 'AGENT_PLATFORM_SMOKE_WORKFLOW_URL' : 'AGENT_PLATFORM_SMOKE_RUNTIME_URL';
  throw new Failure('invalid', 'bad-config', `${missing}: is missing, and the other address is there. Set both, or neither to have a platform started.`);
}

/** Tries the ways one after the other and says what came of each. */
async function tryWays(ways: readonly Way[]): Promise<boolean> {
  let good = true;
  for (const way of ways) {
    print(`\n${nameOf(way)}: ${[...new Set([way.workflowUrl, way.runtimeUrl])].map(withoutPassword).join(', ')}, workspace ${way.tenant}`);
    await tryWay(way, (line) => print(`  ${line}`)).catch((error: unknown) => {
      good = false;
      process.stderr.write(`  failed: ${error instanceof Error ? error.message : String(error)}\n`);
    });
  }
  const names = ways.map(nameOf).join(', ');
  if (good) print(`\nThe smoke test passed (${names}).`);
  else process.stderr.write(`\nThe smoke test failed.\n`);
  return good;
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  url.password = '';
  return url.href;
}

/** Throws what is wrong with the settings or the command line. */
function readCommand(): () => Promise<boolean> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
  if (values.help) {
    return () => {
      process.stdout.write(USAGE);
      return Promise.resolve(true);
    };
  }
  loadEnvFile();
  const { tenant, key, named } = readWay(process.env);
  if (named) return () => tryWays([named]);
  return () =>
    withPlatform(print, ({ url, natsUrl }) =>
      tryWays([
        { workflowUrl: natsUrl, runtimeUrl: natsUrl, tenant },
        { workflowUrl: `${url}/gateway/workflows`, runtimeUrl: `${url}/gateway/runtime`, tenant, key },
      ]),
    );
}

const fail = (error: unknown, code: number): void => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = code;
};

checkNode();
try {
  const command = readCommand();
  await command().then(
    (good) => (process.exitCode = good ? 0 : FAILED),
    (error: unknown) => fail(error, FAILED),
  );
} catch (error) {
  fail(error, WRONG_USAGE);
}
