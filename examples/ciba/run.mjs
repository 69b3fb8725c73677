// A real authorisation server (npm's oidc-provider, with CIBA and RAR) in front of the bank of examples/ciba.rs:
//
//     npm ci --prefix examples/ciba && node examples/ciba/run.mjs target/debug/examples/ciba
//
// The server authenticates the client, speaks HTTP and issues tokens. The crate reads what was asked, has the customer
// approve it on the phone, and says what may be issued. Each request goes all the way.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { createServer } from "node:http";
import { Provider, errors } from "oidc-provider";

const GRANT = "urn:openid:params:grant-type:ciba";
const TYPE = "countersign_step_up";
const RESOURCE = "https://payments.bank.example";

// The bank, a line at a time.
const bank = spawn(process.argv[2], { stdio: ["pipe", "pipe", "inherit"] });
const lines = createInterface({ input: bank.stdout })[Symbol.asyncIterator]();
let turn = Promise.resolve();
function ask(line) {
  const asked = turn.then(async () => {
    bank.stdin.write(`${JSON.stringify(line)}\n`);
    const answer = JSON.parse((await lines.next()).value);
    assert.equal(answer.failed, undefined, answer.failed);
    return answer;
  });
  turn = asked.catch(() => undefined);
  return asked;
}

// What the client was told by ping, and what stood beside the answers.
const pinged = [];
const coerced = [];
// What the agent at the client's desktop says, by id. It goes there and never to the phone.
const said = new Map();

const known = {
  invalid_authorization_details: errors.InvalidAuthorizationDetails,
  invalid_binding_message: errors.InvalidBindingMessage,
  unknown_user_id: errors.UnknownUserId,
  access_denied: errors.AccessDenied,
  expired_token: errors.ExpiredToken,
};
function refusal(code) {
  return known[code] ? new known[code]() : new errors.InvalidRequest();
}

async function details(_ctx, sourceOrToken, source) {
  return (source ?? sourceOrToken).rar;
}

const client = (id, mode) => ({
  client_id: id,
  client_secret: `secret of ${id}`,
  grant_types: [GRANT],
  response_types: [],
  redirect_uris: [],
  backchannel_token_delivery_mode: mode,
  ...(mode === "ping" && { backchannel_client_notification_endpoint: "https://client.example/ping" }),
  authorization_details_types: [TYPE],
});

const server = createServer().listen(0, "127.0.0.1");
await new Promise((ready) => server.once("listening", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [client("polls", "poll"), client("is-pinged", "ping")],
  scopes: ["openid", "payments"],
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  // The client of the test: its endpoint is https, and nowhere.
  fetch: async (url, options) => {
    assert.equal(`${url}`, "https://client.example/ping");
    const authorization = new Headers(options.headers).get("authorization");
    pinged.push({ authorization, body: JSON.parse(options.body) });
    return new Response(null, { status: 204 });
  },
  features: {
    devInteractions: { enabled: false },
    ciba: {
      enabled: true,
      deliveryModes: ["poll", "ping"],
      processLoginHint: (_ctx, hint) => hint,
      // The bank looks at both.
      validateBindingMessage: () => undefined,
      validateRequestContext: () => undefined,
      verifyUserCode: () => undefined,
      async triggerAuthenticationDevice(_ctx, request, _account, of) {
        const parameters = Object.entries(request.params)
          .filter(([name, value]) => typeof value === "string" && !name.startsWith("client_id"));
        const answer = await ask({
          ask: { id: request.jti, mode: of.backchannelTokenDeliveryMode, parameters: Object.fromEntries(parameters) },
        });
        if (answer.error) {
          throw refusal(answer.error);
        }
        assert.equal(answer.acknowledgement.auth_req_id, request.jti);
        said.set(request.jti, answer.digits);
      },
    },
    richAuthorizationRequests: {
      enabled: true,
      types: { [TYPE]: { validate: () => undefined } },
      authorizationDetailsForGrantSource: details,
      authorizationDetailsForAccessToken: (ctx, token, source) => details(ctx, token, source),
      authorizationDetailsForIntrospection: details,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: "payments", accessTokenFormat: "jwt" }),
    },
  },
});
server.on("request", provider.callback());

// The bank says what the client gets, and the server issues it.
async function settled(id) {
  const answer = await ask({ poll: { id } });
  const request = await provider.BackchannelAuthenticationRequest.find(id, { ignoreExpiration: true });
  if (answer.error === "authorization_pending") {
    return answer.error;
  }
  if (answer.error) {
    await provider.backchannelResult(request, refusal(answer.error));
    return answer.error;
  }
  coerced.push(answer.duress);
  const grant = new provider.Grant({ clientId: request.clientId, accountId: request.accountId });
  grant.addOIDCScope("openid");
  grant.addResourceScope(RESOURCE, "payments");
  const rar = JSON.parse(answer.authorization_details);
  for (const detail of rar) {
    grant.addRar?.(detail);
  }
  await grant.save();
  await provider.backchannelResult(request, grant, { acr: "urn:countersign:step-up", rar });
  return "approved";
}

async function post(path, id, parameters) {
  const authorization = `Basic ${btoa(`${id}:${encodeURIComponent(`secret of ${id}`)}`)}`;
  const body = new URLSearchParams(parameters);
  const answer = await fetch(`${issuer}${path}`, { method: "POST", headers: { authorization }, body });
  return [answer.status, await answer.json()];
}

let number = 0;
const detail = (change = {}) => ({
  type: TYPE,
  interaction: `call-${(number += 1)}`,
  direction: "outbound",
  channel: "voice",
  agent: `agent-${number}`,
  agent_name: "Bob",
  transaction: { kind: "transfer", amount: 500_000 + number, currency: "GBP", payee: "Jones Roofing", reference: "7" },
  ...change,
});
const asking = (of, change = {}) => ({
  scope: "openid payments",
  login_hint: "alice",
  binding_message: "Call 1",
  requested_expiry: "90",
  authorization_details: JSON.stringify(of),
  ...change,
});
const token = (id, request) => post("/token", id, { grant_type: GRANT, auth_req_id: request });
const payload = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));

// Approved: the client gets tokens for what was approved, and for nothing else. Coercion shows nowhere.
const issued = [];
for (const [id, pin] of [["polls", "2468"], ["polls", "1357"], ["is-pinged", "2468"]]) {
  const of = [detail()];
  const change = id === "is-pinged" ? { client_notification_token: "8d67dc78-7faa-4d41-aabd-67707b374255" } : {};
  const [status, begun] = await post("/backchannel", id, asking(of, change));
  assert.equal(status, 200, JSON.stringify(begun));
  assert.ok(begun.expires_in <= 90 && begun.auth_req_id.length >= 22);
  assert.equal((await token(id, begun.auth_req_id))[1].error, "authorization_pending");
  const digits = said.get(begun.auth_req_id);
  const wrong = digits.replace(/\d$/, (last) => (last === "0" ? "1" : "0"));
  await assert.rejects(ask({ answer: { id: begun.auth_req_id, with: pin, digits: wrong } }), /refused/i);
  await ask({ answer: { id: begun.auth_req_id, with: pin, digits } });
  assert.equal(await settled(begun.auth_req_id), "approved");
  const [given, tokens] = await token(id, begun.auth_req_id);
  assert.equal(given, 200, JSON.stringify(tokens));
  assert.deepEqual(tokens.authorization_details, of);
  assert.deepEqual(payload(tokens.access_token).authorization_details, of);
  assert.equal(payload(tokens.id_token).sub, "alice");
  assert.ok(!JSON.stringify([tokens, payload(tokens.access_token), payload(tokens.id_token)]).includes("duress"));
  issued.push(Object.keys(tokens).sort());
  if (id === "is-pinged") {
    assert.deepEqual(pinged, [{
      authorization: "Bearer 8d67dc78-7faa-4d41-aabd-67707b374255",
      body: { auth_req_id: begun.auth_req_id },
    }]);
  }
  // Once.
  assert.equal((await token(id, begun.auth_req_id))[1].error, "invalid_grant");
}
assert.deepEqual(coerced, [false, true, false]);
assert.deepEqual(issued[0], issued[1]);
assert.equal(pinged.length, 1);

// Declined.
{
  const [, begun] = await post("/backchannel", "polls", asking([detail()]));
  await ask({ answer: { id: begun.auth_req_id, with: "decline" } });
  assert.equal(await settled(begun.auth_req_id), "access_denied");
  assert.equal((await token("polls", begun.auth_req_id))[1].error, "access_denied");
}

// What the crate does not take never gets as far as the phone, and has the standard's error.
const without = (name) => {
  const of = detail();
  delete of[name];
  return [of];
};
for (const [what, of, change, error] of [
  ["without interaction", without("interaction"), {}, "invalid_authorization_details"],
  ["without direction", without("direction"), {}, "invalid_authorization_details"],
  ["without agent", without("agent"), {}, "invalid_authorization_details"],
  ["an unknown member", [detail({ more: true })], {}, "invalid_authorization_details"],
  ["two", [detail(), detail()], {}, "invalid_authorization_details"],
  ["another type", [{ type: "payment_initiation" }], {}, "invalid_authorization_details"],
  ["no details", undefined, {}, "invalid_authorization_details"],
  ["a long message", [detail()], { binding_message: "a".repeat(65) }, "invalid_binding_message"],
  ["a card number", [detail()], { binding_message: "4242424242424242" }, "invalid_binding_message"],
]) {
  const parameters = asking(of, change);
  if (of === undefined) {
    delete parameters.authorization_details;
  }
  const [status, answer] = await post("/backchannel", "polls", parameters);
  assert.deepEqual([what, status, answer.error], [what, 400, error]);
}

// Pushed tokens are no mode of this server's, nor of the crate's.
assert.equal((await ask({ ask: { id: "a".repeat(43), mode: "push", parameters: {} } })).error, "unauthorized_client");

bank.stdin.end();
server.close();
console.log("CIBA and RAR with oidc-provider: 3 approved, 1 declined, 10 refused.");
