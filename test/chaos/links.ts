import { type Link, startLink } from './link.ts';

export const SERVERS = ['postgres', 'nats'] as const;
export type ServerName = (typeof SERVERS)[number];

/** A link from every place to each server, so that one role can be cut off from one of them. */
export interface Links {
  /** The links of some places (`executor-1`, or `executor` for all of that role) to some servers. */
  of(place: string, ...servers: readonly ServerName[]): readonly Link[];
  all(...servers: readonly ServerName[]): readonly Link[];
  /** What a place is to be told instead of the servers' own addresses. */
  env(place: string): NodeJS.ProcessEnv;
  close(): Promise<void>;
}

export async function startLinks(places: readonly string[], urls: { readonly databaseUrl: string; readonly natsUrl: string }): Promise<Links> {
  const links = new Map<string, Readonly<Record<ServerName, Link>>>();
  for (const place of places) {
    links.set(place, { postgres: await startLink(portOf(urls.databaseUrl)), nats: await startLink(portOf(urls.natsUrl)) });
  }
  const some = (is: (place: string) => boolean, servers: readonly ServerName[]): Link[] =>
    [...links].flatMap(([place, link]) => (is(place) ? (servers.length > 0 ? servers : SERVERS).map((server) => link[server]) : []));
  return {
    of: (place, ...servers) => some((name) => name === place || name.startsWith(`${place}-`), servers),
    all: (...servers) => some(() => true, servers),
    env(place) {
      const link = links.get(place);
      if (!link) return {};
      return {
        AGENT_PLATFORM_DATABASE_URL: withPort(urls.databaseUrl, link.postgres.port),
        AGENT_PLATFORM_NATS_URL: withPort(urls.natsUrl, link.nats.port),
      };
    },
    close: async () => void (await Promise.all(some(() => true, SERVERS).map((link) => link.close()))),
  };
}

const portOf = (url: string): number => Number(new URL(url).port);

function withPort(text: string, port: number): string {
  const url = new URL(text);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return url.href;
}
