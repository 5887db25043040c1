/**
 * Who opens connections, and why each may: everything that users can name an address for goes through the egress guard
 * (libs/adapters/http); everybody else goes where the operator says. A file that is not listed opens none.
 */

/** Modules and packages that open connections. The clients of Postgres and NATS of the platform itself are in `HELD_BY`. */
export const OUTWARD =
  /^(?:node:(?:http2?|https|net|tls|dgram|dns(?:\/promises)?)|undici|ws|openai|pg|nodemailer(?:\/.*)?|@modelcontextprotocol\/client(?:\/.*)?)$/;

/** The guard itself, and what is handed a door of it. */
const GUARDED: Readonly<Record<string, string>> = {
  'libs/adapters/http/connection.guard.ts': 'the guard: connections to vetted addresses, for requests of tools, sources, documents and imports',
  'libs/adapters/http/guarded.fetch.ts': 'the guard: for clients of protocols that bring their own',
  'libs/adapters/http/guarded.socket.ts': 'the guard: for protocols other than HTTP',
  'libs/adapters/http/lookup.guard.ts': 'the guard: looks names up',
  'libs/adapters/http/public-address.ts': 'the guard: tells addresses apart',
  'libs/adapters/http/target.guard.ts': 'the guard: reads addresses',
  'libs/adapters/mcp/': 'is handed the fetch of the guard',
  'libs/adapters/mail/': 'is handed the connect of the guard for servers that mails name; else the operator’s AGENT_PLATFORM_SMTP_URL',
};

/** Addresses of the operator, or of this machine. */
const OPERATOR: Readonly<Record<string, string>> = {
  'libs/adapters/database/': 'AGENT_PLATFORM_TOOL_DATABASES',
  'libs/adapters/openai/': 'the model gateway, or a provider of the models file',
  'libs/adapters/embedding-http/': 'AGENT_PLATFORM_EMBEDDING_BASE_URL',
  'libs/adapters/code/': 'AGENT_PLATFORM_CODE_RUNNER_URL',
  'apps/model-gateway/': 'providers of the models file',
  'apps/gateway/model-proxy.ts': 'the model gateway',
  'apps/gateway/services-health.ts': 'the other roles, by their settings',
  'apps/gateway/upgrade.ts': 'sockets that clients open',
  'apps/cli/': 'the gateway and the servers that the person at the keyboard names',
  'apps/platform/': 'the servers and roles that it starts itself',
  'libs/embedded/': 'servers that it starts itself, and where it gets their programs from',
  'libs/event-log/': 'AGENT_PLATFORM_DATABASE_URL',
  'libs/adapters/sandbox/': 'attempts of the start-up probe to get out of the sandbox',
  'scripts/': 'a developer’s machine',
};

export const EGRESS: Readonly<Record<string, string>> = { ...GUARDED, ...OPERATOR };

/** Calls that open a connection without importing anything. */
export const OUTWARD_CALLS: ReadonlySet<string> = new Set(['fetch', 'WebSocket', 'EventSource']);
