// The npm package oidc-provider with its own login and consent forms: an OpenID provider that this project did not write.
// PORT, CLIENT_ID, CLIENT_SECRET and REDIRECT_URI come from the test. What it knows is gone when it stops.
import Provider from 'oidc-provider';

const { PORT, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;
const issuer = `http://localhost:${PORT}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  features: { revocation: { enabled: true } },
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  cookies: { keys: ['a key for tests'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `${id} of Work`, preferred_username: id, email: `${id}@work.example`, email_verified: true }),
  }),
});

const server = provider.listen(PORT, '127.0.0.1');

// Ends with the test process, also where that was killed.
process.stdin.resume();
process.stdin.on('end', () => server.close(() => process.exit(0)) && server.closeAllConnections());
