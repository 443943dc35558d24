// A real identity provider, certified by the OpenID Foundation, for tests: node provider.mjs '{…}'.
//
// A person signs in as any account of the configuration, with any password. POST /test/tamper
// has it answer wrongly, as one does that is broken or taken over: what it signs is changed.
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";
import { SignJWT, UnsecuredJWT, decodeJwt, importJWK } from "jose";

const { port, accounts, redirectUris, postLogoutRedirectUris, secret, settings } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const newKey = (kid) => ({
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
  kid,
  use: "sig",
  alg: "RS256",
});
const key = newKey(`key-${Date.now()}`);
const foreignKey = { ...newKey(key.kid) };
let tampering = "";

const provider = new Provider(issuer, {
  clients: [{ client_id: "kennisbank", client_secret: secret, redirect_uris: redirectUris, post_logout_redirect_uris: postLogoutRedirectUris }],
  claims: { openid: ["sub"], profile: ["name", "roles", "realm_access", "session_expiry"], email: ["email", "email_verified"] },
  cookies: { keys: ["of these tests"] },
  jwks: { keys: [key] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_ctx, id) => accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
  ...settings,
});

const changes = {
  nonce: { nonce: "of another sign-in" },
  "no-nonce": { nonce: undefined },
  aud: { aud: "another-client" },
  "many-aud": { aud: ["kennisbank", "another-client"] },
  azp: { azp: "another-client" },
  iss: { iss: "https://login.elders.test" },
  exp: { exp: Math.floor(Date.now() / 1000) - 120, iat: Math.floor(Date.now() / 1000) - 600 },
  "clock-behind": { exp: Math.floor(Date.now() / 1000) - 20 },
  "no-exp": { exp: undefined },
  at_hash: { at_hash: "AAAAAAAAAAAAAAAAAAAAAA" },
  sub: { sub: "" },
  "sub-number": { sub: 7 },
  signature: {},
  none: {},
  hs256: {},
};

async function tampered(token) {
  const claims = { ...decodeJwt(token), ...changes[tampering] };
  if (tampering === "none") return new UnsecuredJWT(claims).encode();
  if (tampering === "hs256") {
    return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret.padEnd(32, "x")));
  }
  const used = await importJWK(tampering === "signature" ? foreignKey : key, "RS256");
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: key.kid }).sign(used);
}

provider.use(async (ctx, next) => {
  if (ctx.path === "/test/tamper") {
    tampering = ctx.query.how;
    ctx.body = "";
    ctx.status = 204;
    return;
  }
  await next();
  if (ctx.oidc?.route === "token" && ctx.body?.id_token) {
    if (tampering === "no-token") delete ctx.body.id_token;
    else if (tampering in changes) ctx.body.id_token = await tampered(ctx.body.id_token);
  }
  if (ctx.oidc?.route === "token" && tampering === "html") {
    ctx.type = "html";
    ctx.body = "<p>Gateway</p>";
  }
  if (ctx.oidc?.route === "userinfo" && tampering === "userinfo") ctx.body = { ...ctx.body, sub: "another" };
});

provider.listen(port, "127.0.0.1");
