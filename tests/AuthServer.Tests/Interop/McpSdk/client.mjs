// The client of an MCP TypeScript SDK, from the first unauthorized request to a tool's answer.
import assert from 'node:assert/strict';
import { did, open, settings } from './script.mjs';

const { mcp, redirectUri, clientMetadataUrl, sdk } = settings;
const { Client, StreamableHTTPClientTransport, UnauthorizedError } = sdk === 'client'
  ? await import('@modelcontextprotocol/client')
  : {
      ...(await import('@modelcontextprotocol/sdk/client/index.js')),
      ...(await import('@modelcontextprotocol/sdk/client/streamableHttp.js')),
      ...(await import('@modelcontextprotocol/sdk/client/auth.js')),
    };

/** What an application keeps, and how it opens the browser. */
class Provider {
  redirectUrl = redirectUri;
  clientMetadataUrl = clientMetadataUrl;
  clientMetadata = { client_name: 'SDK client', redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none' };
  kept = {};
  asked = [];
  state() { return (this.kept.state = crypto.randomUUID()); }
  clientInformation() { return this.kept.client; }
  saveClientInformation(value) { this.kept.client = value; }
  tokens() { return this.kept.tokens; }
  saveTokens(value) { this.kept.tokens = value; }
  codeVerifier() { return this.kept.verifier; }
  saveCodeVerifier(value) { this.kept.verifier = value; }
  discoveryState() { return this.kept.discovery; }
  saveDiscoveryState(value) { this.kept.discovery = value; }
  invalidateCredentials(what) { if (what === 'all' || what === 'tokens') delete this.kept.tokens; }
  async redirectToAuthorization(url) {
    this.asked.push(url);
    this.back = await open(url);
  }
}

const provider = new Provider();

// The older generation knows no other way than initialize, and ignores the option.
const newClient = () => new Client({ name: 'sdk', version: '1' }, { versionNegotiation: { mode: 'auto' } });

async function connect() {
  const client = newClient();
  const transport = new StreamableHTTPClientTransport(new URL(mcp), { authProvider: provider });
  await client.connect(transport);
  return { client, transport };
}

// Without a token: the challenge leads to the browser, and the code is exchanged.
const first = new StreamableHTTPClientTransport(new URL(mcp), { authProvider: provider });
await assert.rejects(newClient().connect(first), UnauthorizedError);
assert.equal(provider.asked.length, 1);
const request = provider.asked[0].searchParams;
assert.equal(request.get('resource'), mcp);
assert.equal(request.get('code_challenge_method'), 'S256');
assert.equal(provider.back.searchParams.get('state'), provider.kept.state);
assert.equal(provider.kept.client.client_id === clientMetadataUrl, clientMetadataUrl !== undefined);
did(clientMetadataUrl ? 'client document' : 'registration');
await first.finishAuth(sdk === 'client' ? provider.back.searchParams : provider.back.searchParams.get('code'));
assert.equal(provider.kept.tokens.token_type.toLowerCase(), 'bearer');
did('code');

async function echo(text) {
  const { client, transport } = await connect();
  const { tools } = await client.listTools();
  assert.ok(tools.some((tool) => tool.name === 'secure_echo'));
  const answer = await client.callTool({ name: 'secure_echo', arguments: { message: text } });
  assert.match(JSON.stringify(answer.content), new RegExp(text));
  did(`echo over ${transport.protocolVersion}`);
  await client.close();
}

await echo('first');

// An access token that is no good any more: the SDK refreshes by itself, without the browser.
const { refresh_token } = provider.kept.tokens;
assert.ok(refresh_token);
provider.kept.tokens.access_token = 'expired';
await echo('second');
assert.notEqual(provider.kept.tokens.refresh_token, refresh_token);
assert.equal(provider.asked.length, 1);
did('refresh');
process.exit(0);
