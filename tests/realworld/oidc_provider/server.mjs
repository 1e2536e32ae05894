// oidc-provider (npm) with short tokens and rotation, and an API that introspects every token.
// node server.mjs PORT LOG   (the API on PORT + 1; MODULES: where node_modules is; ACCESS_TTL seconds;
// API_DELAY milliseconds). Grants, refusals and what the API was asked go to LOG, one JSON a line.
import { appendFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.MODULES + '/');
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href);
const port = Number(process.argv[2]);
const log = (event, more = {}) => appendFileSync(process.argv[3], JSON.stringify({ event, ...more }) + '\n');
const accessTtl = Number(process.env.ACCESS_TTL || 2);
const delay = Number(process.env.API_DELAY || 0);
const issuer = `http://127.0.0.1:${port}`;
const code = {
  grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
  scope: 'openid offline_access read',
};
const machine = {
  grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'read',
};
const callback = ['http://127.0.0.1/callback'];

const provider = new Provider(issuer, {
  clients: [
    { client_id: 'native', token_endpoint_auth_method: 'none', application_type: 'native', redirect_uris: callback, ...code },
    { client_id: 'machine odd', client_secret: 'p%a:s s+w/ord&=', ...machine },
    { client_id: 'machine-post', client_secret: 'post-secret-0123', token_endpoint_auth_method: 'client_secret_post', ...machine },
    { client_id: 'machine-jwt', client_secret: 'jwt-secret-of-32-bytes-and-more-0123', token_endpoint_auth_method: 'client_secret_jwt', ...machine },
    { client_id: 'device', token_endpoint_auth_method: 'none', application_type: 'native', redirect_uris: [], response_types: [],
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'], scope: 'openid offline_access read' },
    { client_id: 'api', client_secret: 'api-secret-0123', ...machine },
  ],
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none'],
  scopes: ['openid', 'offline_access', 'read'],
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (ctx, client) => client.clientId === 'api' },
    resourceIndicators: { enabled: false },
  },
  pkce: { required: () => true },
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: async () => false,
  rotateRefreshToken: true, // a second use of a refresh token revokes the grant
  ttl: {
    AccessToken: accessTtl, ClientCredentials: accessTtl, RefreshToken: 3600, AuthorizationCode: 60,
    DeviceCode: 300, IdToken: 300, Interaction: 600, Session: 3600, Grant: 3600,
  },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  cookies: { keys: ['a-fixed-key-for-tests'] },
});
provider.on('grant.success', (ctx) => log('grant', { type: ctx.oidc.params.grant_type }));
provider.on('grant.error', (ctx, error) => log('refused', { type: ctx.oidc.params?.grant_type, error: error.message }));
provider.on('grant.revoked', () => log('revoked'));
provider.on('server_error', (ctx, error) => console.error(error));
provider.listen(port, '127.0.0.1');

const customers = Array.from({ length: 57 }, (_, i) => ({ id: `cus_${i + 1}` }));
const basic = 'Basic ' + Buffer.from('api:api-secret-0123').toString('base64');
http.createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  const answer = (status, body) => {
    log('api', { status, path: url.pathname });
    setTimeout(() => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(body));
    }, delay);
  };
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization || '')?.[1];
  const asked = await fetch(`${issuer}/token/introspection`, {
    method: 'POST', headers: { Authorization: basic }, body: new URLSearchParams({ token: token || '' }),
  });
  const { active, scope } = await asked.json();
  if (!active) return answer(401, { error: 'invalid_token' });
  if (!(scope || '').split(' ').includes('read')) return answer(403, { error: 'insufficient_scope' });
  const [, , id, orders] = url.pathname.split('/');
  if (orders) return answer(200, { data: [1, 2].map((n) => ({ id: `${id}_order_${n}`, customer: id })) });
  const from = Number(url.searchParams.get('cursor') || 0);
  answer(200, { data: customers.slice(from, from + 10), next: from + 10 < customers.length ? String(from + 10) : null });
}).listen(port + 1, '127.0.0.1');
