import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** What every request carries, e.g. the workspace. */
type Headers = Readonly<Record<string, string>>;

export interface Progress {
  readonly progress: number;
  readonly message?: string | undefined;
}
interface Called {
  readonly isError?: boolean | undefined;
  readonly content: readonly { readonly text?: string | undefined }[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
}
/** A client of any age, as the tests use it. */
export interface McpClient {
  list(cursor?: string): Promise<{
    tools: readonly { name: string; inputSchema: object; outputSchema?: object | undefined; annotations?: object | undefined }[];
    nextCursor?: string | undefined;
  }>;
  read(uri: string): Promise<string>;
  call(name: string, args: object, options?: { meta?: object; onprogress?: (progress: Progress) => void; signal?: AbortSignal }): Promise<Called>;
  close(): Promise<void>;
}

/** The v2 SDK, with the newest revision of the protocol or as a client of 2025. */
export async function connectNew(url: string, headers: Headers, mode: 'auto' | 'legacy'): Promise<McpClient> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return {
    list: (cursor) => client.listTools(cursor === undefined ? undefined : { cursor }),
    call: async (name, args, { meta, ...options } = {}) =>
      (await client.callTool({ name, arguments: { ...args }, ...(meta && { _meta: { ...meta } }) }, options)) as Called,
    read: async (uri) => textOf(await client.readResource({ uri })),
    close: () => client.close(),
  };
}

const textOf = ({ contents: [first] }: { readonly contents: readonly object[] }): string => (first && 'text' in first ? String(first.text) : '');

/** The v1 SDK, as the reference server has it; what is used of it here. */
interface OldSdk {
  readonly Client: new (info: object) => {
    connect(transport: unknown): Promise<void>;
    listTools(params?: { cursor: string }): ReturnType<McpClient['list']>;
    readResource(params: { uri: string }): Promise<{ contents: readonly object[] }>;
    callTool(params: object, schema?: undefined, options?: object): Promise<Called>;
    close(): Promise<void>;
  };
  readonly StreamableHTTPClientTransport: new (url: URL, options: object) => unknown;
}
const reference = createRequire(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json'));
const oldSdk = async (part: string): Promise<OldSdk> =>
  (await import(pathToFileURL(reference.resolve(`@modelcontextprotocol/sdk/client/${part}.js`)).href)) as OldSdk;

/** The v1 SDK. */
export async function connectOld(url: string, headers: Headers): Promise<McpClient> {
  const [{ Client: OldClient }, { StreamableHTTPClientTransport: OldTransport }] = [await oldSdk('index'), await oldSdk('streamableHttp')];
  const client = new OldClient({ name: 'test', version: '1' });
  const transport = new OldTransport(new URL(url), { requestInit: { headers } });
  await client.connect(transport);
  return {
    list: (cursor) => client.listTools(cursor === undefined ? undefined : { cursor }),
    call: async (name, args, { meta, ...options } = {}) =>
      client.callTool({ name, arguments: { ...args }, ...(meta && { _meta: { ...meta } }) }, undefined, options),
    read: async (uri) => textOf(await client.readResource({ uri })),
    close: () => client.close(),
  };
}
