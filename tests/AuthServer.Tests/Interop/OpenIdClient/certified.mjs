// The certified clients openid-client and oauth4webapi, with everything that the metadata offers.
import assert from 'node:assert/strict';
import { importJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { did, open, settings } from './script.mjs';

const { issuer, resource, client, service, secret, device, resourceServer } = settings;
const insecure = { execute: [oidc.allowInsecureRequests] };

const key = async (jwk) => ({ key: await importJWK(jwk, 'ES256'), kid: jwk.kid });
const discover = (id, authentication, metadata = {}, options = {}) => oidc.discovery(new URL(issuer), id, metadata, authentication, { ...insecure, ...options });
const keyed = async ({ id, jwk }) => discover(id, oidc.PrivateKeyJwt(await key(jwk)));

// Discovery, both documents (RFC 8414 and OpenID Connect Discovery).
const oauth2 = await discover(client.id, oidc.None(), {}, { algorithm: 'oauth2' });
const config = await keyed(client);
const metadata = config.serverMetadata();
assert.deepEqual({ ...oauth2.serverMetadata() }, { ...metadata });
assert.equal(metadata.issuer, issuer);
assert.equal(metadata.authorization_response_iss_parameter_supported, true);
did('discovery');

const grants = metadata.grant_types_supported;

// Code and PKCE; the client insists on `iss` (RFC 9207), state, nonce, and a good ID token.
async function authorize(of, scope, pushed = false) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const parameters = {
    redirect_uri: client.redirectUri, scope, resource, state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  };
  const url = pushed ? await oidc.buildAuthorizationUrlWithPAR(of, parameters) : oidc.buildAuthorizationUrl(of, parameters);
  assert.equal(url.searchParams.has('request_uri'), pushed);
  const back = await open(url);
  assert.equal(back.searchParams.get('iss'), issuer);
  return oidc.authorizationCodeGrant(of, back, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
}

// What a resource server of the same house makes of the token (RFC 9068 §4).
async function validate(token, audience = resource) {
  const request = new Request(audience, { headers: { authorization: `Bearer ${token}` } });
  return oauth.validateJwtAccessToken(metadata, request, audience, { [oauth.allowInsecureRequests]: true });
}

const scope = 'openid profile email mcp:tools';
let tokens = await authorize(config, scope);
const claims = await validate(tokens.access_token);
assert.equal(claims.client_id, client.id);
assert.equal(tokens.claims().sub, claims.sub);
did('code');

const person = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
assert.equal(person.email, 'alice@example.com');
did('userinfo');

tokens = await oidc.refreshTokenGrant(config, tokens.refresh_token);
const narrow = await oidc.refreshTokenGrant(config, tokens.refresh_token, { scope: 'mcp:tools', resource });
assert.equal((await validate(narrow.access_token)).scope, 'mcp:tools');
did('refresh');

if (metadata.introspection_endpoint) {
  const server = await keyed(resourceServer);
  const answer = await oidc.tokenIntrospection(server, narrow.access_token);
  assert.equal(answer.active, true);
  assert.equal(answer.sub, claims.sub);
  assert.equal(answer.iss, issuer);
  assert.equal((await oidc.tokenIntrospection(server, 'no token')).active, false);
  did('introspection');
}

if (grants.includes('urn:ietf:params:oauth:grant-type:token-exchange')) {
  const server = await keyed(resourceServer);
  const exchanged = await oidc.genericGrantRequest(server, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: narrow.access_token, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    resource: `${issuer}/account`, scope: 'profile:read',
  });
  assert.equal(exchanged.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token');
  const exchangedClaims = await validate(exchanged.access_token, `${issuer}/account`);
  assert.equal(exchangedClaims.sub, claims.sub);
  assert.equal(exchangedClaims.act.sub, resourceServer.id);
  did('token exchange');
}

await oidc.tokenRevocation(config, narrow.refresh_token);
await assert.rejects(oidc.refreshTokenGrant(config, narrow.refresh_token), { error: 'invalid_grant' });
if (metadata.introspection_endpoint) {
  assert.equal((await oidc.tokenIntrospection(await keyed(resourceServer), narrow.access_token)).active, false);
}

did('revocation');

if (metadata.pushed_authorization_request_endpoint) {
  tokens = await authorize(config, scope, true);
  await validate(tokens.access_token);
  did('pushed request');
}

if (grants.includes('client_credentials')) {
  for (const of of [
    await keyed(service),
    await discover(secret.id, oidc.ClientSecretBasic(secret.secret)),
    await discover(secret.id, oidc.ClientSecretPost(secret.secret)),
  ]) {
    const own = await oidc.clientCredentialsGrant(of, { scope: 'mcp:tools', resource });
    const { sub, client_id } = await validate(own.access_token);
    assert.equal(sub, `client:${client_id}`);
    assert.equal(own.refresh_token, undefined);
  }

  did('client credentials');
}

if (metadata.device_authorization_endpoint) {
  const of = await discover(device.id, oidc.None());
  const asked = await oidc.initiateDeviceAuthorization(of, { scope: 'openid mcp:tools', resource });
  await open(asked.verification_uri_complete);
  tokens = await oidc.pollDeviceAuthorizationGrant(of, asked, undefined, { signal: AbortSignal.timeout(60_000) });
  await validate(tokens.access_token);
  did('device');
}

if (metadata.registration_endpoint) {
  const registration = {
    redirect_uris: [client.redirectUri], client_name: 'openid-client', grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
  };
  for (const [method, authentication] of [['none', oidc.None()], ['client_secret_basic', oidc.ClientSecretBasic()], ['client_secret_post', oidc.ClientSecretPost()]]) {
    const of = await oidc.dynamicClientRegistration(new URL(issuer), { ...registration, token_endpoint_auth_method: method }, authentication, insecure);
    assert.equal(of.clientMetadata().client_secret === undefined, method === 'none');
    tokens = await authorize(of, scope);
    await oidc.refreshTokenGrant(of, tokens.refresh_token);
  }

  did('registration');
}

tokens = await authorize(config, scope);
const left = await open(oidc.buildEndSessionUrl(config, {
  post_logout_redirect_uri: client.afterLogout, logout_hint: tokens.claims().sid, state: 'left',
}));
assert.equal(left.searchParams.get('state'), 'left');
await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
did('end session');
process.exit(0);
