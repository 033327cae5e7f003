// SPDX-License-Identifier: EUPL-1.2
// An identity provider for tests: panva's oidc-provider, a certified implementation of OpenID Connect, with HTTPS around it and a page of its own
// on which people sign in. Who drives a test can have it do what it never would (`PUT /test/mode`): tokens that are not right, silence, a flood.
//
// It is started in a folder that has `oidc-provider` in its node_modules, with the settings as JSON in an argument, and prints a line when it listens.

import { createHmac, constants, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.cwd(), "any.js"));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);

/** `people` is who has which groups; whoever has `slim` is only told of when asked for more. */
const { host, port, name, chain, key, client, secret, callbacks, ends, people } = JSON.parse(process.argv[2]);
const issuer = `https://${name}:${port}`;

/** How the next answers are. */
let mode = "right";

/** A private key as JWK, and its algorithm. */
function made(alg, kid) {
  const kinds = {
    RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    PS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    EdDSA: () => generateKeyPairSync("ed25519"),
  };
  return { ...kinds[alg]().privateKey.export({ format: "jwk" }), alg, kid, use: "sig" };
}

let turn = 0;
let keys = [];
/** The provider with these keys. */
let current = null;
/** Somebody whose key the provider does not name. */
const strange = made("ES256", "strange");

/** New keys, as a provider does it: those of before are gone. */
function rotate(alg) {
  turn += 1;
  keys = [made(alg, `key-${turn}`)];
  current = provider(alg);
}

function provider(alg) {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client,
        client_secret: secret,
        redirect_uris: callbacks,
        post_logout_redirect_uris: ends,
        id_token_signed_response_alg: alg,
      },
    ],
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256", "EdDSA"] },
    jwks: { keys },
    cookies: { keys: ["only a test's"] },
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
    // What was asked for is in the token, but for who is `slim`.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          context.body = page("Abmelden", `${form}<button form="op.logoutForm" name="logout" value="yes">Ja</button>`);
        },
        postLogoutSuccessSource: (context) => {
          context.body = page("Abgemeldet", "");
        },
      },
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => ({
      accountId: id,
      claims: (use) => {
        const { slim = false, ...known } = people[id] ?? {};
        return { sub: id, ...(slim && use === "id_token" ? {} : { preferred_username: `${id}@${name}`, ...known }) };
      },
    }),
    // Nobody is asked whether we may know their name: it is their own authority's.
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  });
  provider.use(tampered);
  return provider;
}

const page = (title, body) =>
  `<!doctype html><html lang="de"><meta charset="utf-8"><title>${title}</title><main><h1>${title}</h1>${body}</main></html>`;

const encoded = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token with this head and these claims, signed by a key of ours, of a stranger, or not at all. */
function forged(header, claims, by) {
  const message = `${encoded(header)}.${encoded(claims)}`;
  if (header.alg === "none") {
    return `${message}.`;
  }
  if (header.alg === "HS256") {
    // With what everybody knows: the public key's own bytes.
    return `${message}.${createHmac("sha256", Buffer.from(by.n ?? by.x, "base64url")).update(message).digest("base64url")}`;
  }
  const options = { key: createPrivateKey({ key: by, format: "jwk" }) };
  if (header.alg === "ES256") {
    options.dsaEncoding = "ieee-p1363";
  }
  if (header.alg === "PS256") {
    Object.assign(options, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
  }
  const hash = header.alg === "EdDSA" ? null : "sha256";
  return `${message}.${sign(hash, Buffer.from(message), options).toString("base64url")}`;
}

/** What is wrong with a token in each mode. Everything else of it is as the provider made it. */
const WRONG = {
  "foreign-nonce": (_, claims) => ({ claims: { ...claims, nonce: "of-another-sign-in" } }),
  "another-client": (_, claims) => ({ claims: { ...claims, aud: "another" } }),
  "another-beside": (_, claims) => ({ claims: { ...claims, aud: [client, "another"], azp: "another" } }),
  "another-issuer": (_, claims) => ({ claims: { ...claims, iss: `${issuer}/other` } }),
  expired: (_, claims) => ({ claims: { ...claims, iat: claims.iat - 500, exp: claims.iat - 400 } }),
  none: () => ({ header: { alg: "none" } }),
  HS256: (header) => ({ header: { ...header, alg: "HS256" } }),
  stranger: (header) => ({ header: { ...header, alg: "ES256", kid: strange.kid }, by: strange }),
  impostor: (header) => ({ header: { ...header, alg: keys[0].alg }, by: made(keys[0].alg, "any") }),
};

async function tampered(context, next) {
  await next();
  const wrong = WRONG[mode];
  if (context.path !== "/token" || wrong === undefined || context.body?.id_token === undefined) {
    return;
  }
  const [header, claims] = context.body.id_token
    .split(".", 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  const changed = { header, claims, by: keys[0], ...wrong(header, claims) };
  context.body.id_token = forged(changed.header, changed.claims, changed.by);
}

/** The page on which people sign in: by their name alone. */
async function interaction(request, response) {
  const uid = new URL(request.url, issuer).pathname.split("/")[2];
  if (request.method === "POST") {
    let body = "";
    for await (const chunk of request) {
      body += chunk;
    }
    const said = new URLSearchParams(body);
    const result = said.has("no")
      ? { error: "access_denied", error_description: "Nein" }
      : { login: { accountId: said.get("login") } };
    await current.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    return;
  }
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(
    page(
      "Konto der Verwaltung",
      `<form method="post" action="/interaction/${uid}"><label>Benutzername <input name="login" autofocus></label>
      <button>Weiter</button> <button name="no" value="no">Abbrechen</button></form>`,
    ),
  );
}

/** What a provider that has gone mad answers, at the path where it does. */
function mad(request, response) {
  const [what, path] = mode.split(" ", 2);
  if (path === undefined || !request.url.startsWith(path)) {
    return false;
  }
  if (what === "flood") {
    // 100 MB, as long as somebody takes them.
    response.setHeader("content-type", "application/json");
    const chunk = Buffer.alloc(1 << 20, " ");
    let left = 100;
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write(chunk)) {
          response.once("drain", more);
          return;
        }
      }
      response.end("{}");
    };
    more();
  } else if (what === "fails") {
    response.statusCode = 503;
    response.end("{}");
  } else if (what === "elsewhere") {
    response.statusCode = 302;
    response.setHeader("location", "https://elsewhere.example/");
    response.end();
  }
  // "silent" says nothing.
  return true;
}

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, issuer);
  if (pathname === "/test/mode") {
    mode = searchParams.get("is");
    response.end();
  } else if (pathname === "/test/rotate") {
    rotate(searchParams.get("alg"));
    response.end();
  } else if (mad(request, response)) {
    // Done.
  } else if (pathname.startsWith("/interaction/")) {
    await interaction(request, response);
  } else {
    current.callback()(request, response);
  }
}

rotate("RS256");
const server = createServer({ cert: readFileSync(chain), key: readFileSync(key) }, (request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    response.statusCode = 500;
    response.end();
  });
});
server.listen(port, host, () => console.log(`listens at ${issuer}`));
// It ends with whoever started it.
process.stdin.on("end", () => process.exit()).resume();
