import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { describeClient, type McpAuthorizationCode } from '@agent-platform/contracts/mcp-server/mcp-oauth';

/** What is kept from one step of signing in to the next. */
export interface SignInMemory {
  readonly redirect_uri: string;
  client?: StoredOAuthClientInformation;
  discovery?: OAuthDiscoveryState;
  verifier?: string;
  resource?: string;
}

/** The client that somebody registered by hand, for its authorization server only. */
export const configuredClient = (oauth: McpAuthorizationCode | undefined): StoredOAuthClientInformation | undefined =>
  oauth?.client_id === undefined
    ? undefined
    : {
        client_id: oauth.client_id,
        ...(oauth.client_secret !== undefined && { client_secret: oauth.client_secret }),
        ...(oauth.issuer !== undefined && { issuer: oauth.issuer }),
      };

/** One sign-in as the SDK sees it: it writes down what comes up in `memory`, and leaves address and tokens here. */
export class PersonProvider implements OAuthClientProvider {
  readonly memory: SignInMemory;
  readonly clientMetadata: OAuthClientMetadata;
  readonly clientMetadataUrl?: string;
  readonly saveClientInformation?: (client: StoredOAuthClientInformation) => void;
  address: URL | undefined;
  received: StoredOAuthTokens | undefined;
  readonly #oauth: McpAuthorizationCode | undefined;
  readonly #state: string | undefined;

  constructor(
    memory: SignInMemory,
    oauth: McpAuthorizationCode | undefined,
    asked: { readonly state?: string; readonly client_metadata_url?: string | undefined } = {},
  ) {
    this.memory = memory;
    this.#oauth = oauth;
    this.#state = asked.state;
    this.clientMetadata = { ...describeClient(memory.redirect_uri), ...(oauth?.scope !== undefined && { scope: oauth.scope }) };
    if (asked.client_metadata_url !== undefined) this.clientMetadataUrl = asked.client_metadata_url;
    // A client that was registered by hand is never replaced by one that is registered elsewhere.
    if (oauth?.client_id === undefined) this.saveClientInformation = (client) => void (memory.client = client);
  }

  get redirectUrl(): string {
    return this.memory.redirect_uri;
  }
  state(): string {
    return this.#state ?? '';
  }
  clientInformation(): StoredOAuthClientInformation | undefined {
    return configuredClient(this.#oauth) ?? this.memory.client;
  }
  tokens(): undefined {
    return undefined;
  }
  saveTokens(tokens: StoredOAuthTokens): void {
    this.received = tokens;
  }
  redirectToAuthorization(address: URL): void {
    this.address = address;
  }
  saveCodeVerifier(verifier: string): void {
    this.memory.verifier = verifier;
  }
  codeVerifier(): string {
    return this.memory.verifier ?? '';
  }
  saveDiscoveryState(discovery: OAuthDiscoveryState): void {
    this.memory.discovery = discovery;
  }
  discoveryState(): OAuthDiscoveryState | undefined {
    return this.memory.discovery;
  }
  saveResourceUrl(resource: string): void {
    this.memory.resource = resource;
  }
}
