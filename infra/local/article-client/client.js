// The client of the article "Monitoring Open Banking APIs" (Checkly's blog), rebuilt from its
// description: the same requests, bodies, order and habits on the wire, also where they are wrong
// or sloppy, so that a server can show that it serves such clients.
//
// What differs: node's own fetch stands in for Playwright and axios, the two base URLs are
// arguments, each request prints a line, and a failure names its step.
//
//   AUTH_BASE_URL, API_BASE_URL, KOSMA_AUTH_TOKEN   as the article's, without a slash at the end
//   SHORT_EK=1      encrypt until `ek` is one of the rare short ones (see rsa.js)
import { seal } from "./encryption.js";

const { AUTH_BASE_URL: auth, API_BASE_URL: api, KOSMA_AUTH_TOKEN: token } = process.env;
const psu = {
  ip_address: "10.20.30.40",
  user_agent:
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.122 Safari/537.36",
};
// It is no white-label integration, and sends the fields of one all the same.
const emptyKeys = { hsm: "", aspsp_data: "" };
const placeholderKeys = { hsm: "--- xxx ---", aspsp_data: "--- xxx ---" };

/** What went wrong is looked for in the last request, because its answer is used unchecked. */
const last = { step: "none", status: 0, body: "" };

async function send(step, method, url, data, authorization = `Token ${token}`) {
  Object.assign(last, { step, status: 0, body: "" });
  const response = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json", Authorization: authorization },
    body: data && JSON.stringify(data),
    signal: AbortSignal.timeout(30_000),
  });
  Object.assign(last, { status: response.status, body: await response.text() });
  console.log(`${step}: ${response.status}`);
  return response;
}

/** The steps that the article sends with Playwright, which lets any status pass. */
async function request(...args) {
  await send(...args);
  return JSON.parse(last.body).data;
}

/** The steps that it sends with axios, which does not. */
async function sendForm(step, answered, data, authorization) {
  const form = { form_identifier: answered.result.form.form_identifier, data };
  const envelope = seal(answered.result.key, JSON.stringify(form), process.env.SHORT_EK === "1");
  const response = await send(step, "POST", answered.next, envelope, authorization);
  if (!response.ok) throw new Error(`Request failed with status code ${response.status}`);
  return JSON.parse(last.body).data;
}

async function journey() {
  // Both go to the wizard's host, though sessions and flows live on the other one. A field is
  // switched off by an underscore.
  const session = await request("1 Start Session", "PUT", `${auth}/xs2a/v1/sessions`, {
    language: "en",
    _selected_bank: { bank_code: "000000", country_code: "GB" },
    psu,
    consent_scope: {
      accounts: {},
      account_details: {},
      balances: {},
      transactions: {},
      transfer: {},
      _insights_refresh: {},
      lifetime: 30,
    },
    _aspsp_access: "prefer_psd2",
    _redirect_return_url: "http://test/auth",
    keys: placeholderKeys,
  });
  const flow = await request(
    "2 Start Account Details Flow",
    "PUT",
    `${auth}/xs2a/v1/sessions/${session.session_id}/flows/account-details`,
    { account_id: "", iban: "", keys: emptyKeys },
  );

  // Built by hand: neither the auth_url in client_token nor next is looked at, and the answer to
  // the bank choice, which has the form already, is asked for again.
  const wizard = `${auth}/branded/xs2a/v1/wizard/${flow.flow_id}`;
  await request("3 Select Test Bank (Germany)", "POST", wizard, {
    bank_code: "00000",
    country_code: "DE",
    keys: emptyKeys,
  });
  const transports = await request("3a Get Flow Configuration", "GET", wizard);

  // No state is looked at, no element of the form either.
  const login = await sendForm("4 Encrypted Response: Interface", transports, [
    { key: "interface", value: "de_testbank_bias" },
  ]);
  const redirected = await sendForm("4 Encrypted Response: User and Password", login, [
    { key: "bias.apis.forms.elements.UsernameElement", value: "redirect" },
    { key: "bias.apis.forms.elements.PasswordElement", value: "123456" },
  ]);
  // In another context both stay undefined, and JSON drops them.
  let redirectUrl;
  let redirectId;
  if (redirected.result.context === "authentication") {
    redirectUrl = redirected.result.redirect.url + "&result=success";
    redirectId = redirected.result.redirect.id;
  }
  const selection = await request("5 Complete Flow", "POST", wizard, {
    redirect_id: redirectId,
    return_url: redirectUrl,
    keys: emptyKeys,
  });

  const [account] = selection.result.form.elements[0].options;
  // Its caller forgets the token, so the header reads as below.
  const selected = await sendForm(
    "6 Select Account",
    selection,
    [{ key: "account_id", value: account.value }],
    "Token undefined",
  );
  if (selected.state === "FINISHED") console.log(`Log: ${account.label} selected.`);

  await readAccount(session.session_id, account.value);
}

async function readAccount(sessionId, accountId) {
  const consent = await request(
    "7 Get Consent",
    "POST",
    `${api}/xs2a/v1/sessions/${sessionId}/consent/get`,
    { keys: placeholderKeys },
  );
  const details = await request("8 Get Account Details", "POST", consent.consents.account_details, {
    consent_token: consent.consent_token,
    account_id: accountId,
    psu,
    keys: emptyKeys,
  });
  const balance = await request("8 Get Account Balance", "POST", consent.consents.balances, {
    consent_token: details.consent_token,
    account_id: details.result.account.id,
    psu,
    keys: emptyKeys,
  });
  const { amount } = balance.result.available;
  console.log(`Log: Account Balance = €${amount}`);
  if (!(amount >= 0)) throw new Error(`expected a balance of at least 0, got ${amount}`);
}

try {
  await journey();
} catch (error) {
  console.error(`failed at "${last.step}": ${error.message}`);
  console.error(`last answer: ${last.status} ${last.body}`);
  process.exitCode = 1;
}
