// Makes and opens test vectors with implementations that are not ours; see make-vectors.sh.
//   seal FOLDER   writes sealed-by-others/, invalid/ and the cases of sealed-by-us/
//   open FOLDER   opens sealed-by-us/ and notes who could
import { execFileSync } from "node:child_process";
import { createPrivateKey, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import CryptoJS from "crypto-js";
import jsbn from "jsbn";

const { BigInteger } = jsbn;
// Its import form names files that node does not find.
const JSEncrypt = createRequire(import.meta.url)("jsencrypt");
const [, , command, folder] = process.argv;
const javascript = "crypto-js 4.2.0 and jsencrypt 3.5.4";
const openssl = execFileSync("openssl", ["version"], { encoding: "utf8" }).split(" ", 2).join(" ");

const pemFile = (key) => join(folder, "keys", `${key}.pem`);
const pem = (key) => readFileSync(pemFile(key), "utf8");

/** Modulus and exponent of a key file as hex digits without leading zeros. */
function numbers(key) {
  const { n, e } = createPrivateKey(pem(key)).export({ format: "jwk" });
  const hex = (text) => Buffer.from(text, "base64url").toString("hex").replace(/^0+/, "");
  return { modulus: hex(n), exponent: hex(e) };
}

// --- tokens ---------------------------------------------------------------------------------

const encode = (value) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const padded = (part) => part + "=".repeat((4 - (part.length % 4)) % 4);
const RS256 = encode({ alg: "RS256", typ: "JWT" });
const SIGNATURE = encode("not verified by anyone");
const token = (payload, header = RS256) => `${header}.${encode(payload)}.${SIGNATURE}`;

/** How the token of each test key is written; all of them have to be understood. */
function tokenOf(key) {
  const { modulus, exponent } = numbers(key);
  switch (key) {
    case "rsa3072": {
      // Upper-case digits, and parts that keep their base64 padding.
      const payload = { modulus: modulus.toUpperCase(), exponent, pad: "" };
      while (encode(payload).length % 4 === 0) payload.pad += "x";
      return [RS256, encode(payload), SIGNATURE].map(padded).join(".");
    }
    case "rsa4096":
      // Leading zeros, as libraries print that keep room for a sign.
      return token({ modulus: `00${modulus}`, exponent: `0${exponent}`, iat: 1700000000 });
    default:
      return token({ modulus, exponent });
  }
}

// --- sealing --------------------------------------------------------------------------------

/** AES by crypto-js, as the API's own JavaScript sample does it; RSA is the argument. */
function sealWithCryptoJs(plaintext, encryptKey) {
  const keyHex = randomBytes(32).toString("hex");
  const iv = randomBytes(16).toString("hex");
  const ct = CryptoJS.AES.encrypt(plaintext, CryptoJS.enc.Hex.parse(keyHex), {
    iv: CryptoJS.enc.Hex.parse(iv),
  }).toString();
  return { ct, iv, ek: encryptKey(keyHex) };
}

function jsencryptKey(key) {
  const rsa = new JSEncrypt();
  rsa.setKey(pem(key));
  return rsa;
}

/**
 * RSA on jsbn's numbers, printed as its RSA module prints them: an even number of hex digits and
 * no more, so that leading zero bytes of the result are lost.
 */
function jsbnEncrypt(key, text) {
  const { modulus, exponent } = numbers(key);
  const n = new BigInteger(modulus, 16);
  const size = (n.bitLength() + 7) >> 3;
  const filler = [...randomBytes(size - text.length - 3)].map((byte) => byte || 1);
  const block = Buffer.from([0, 2, ...filler, 0, ...Buffer.from(text, "latin1")]);
  const digits = new BigInteger(block.toString("hex"), 16)
    .modPowInt(parseInt(exponent, 16), n)
    .toString(16);
  return Buffer.from(digits.length % 2 ? `0${digits}` : digits, "hex").toString("base64");
}

function sealWithOpenssl(key, plaintext) {
  const keyHex = randomBytes(32).toString("hex");
  const iv = randomBytes(16).toString("hex");
  const run = (args, input) => execFileSync("openssl", args, { input }).toString("base64");
  return {
    ct: run(["enc", "-aes-256-cbc", "-K", keyHex, "-iv", iv], plaintext),
    iv,
    ek: run(
      ["pkeyutl", "-encrypt", "-inkey", pemFile(key), "-pkeyopt", "rsa_padding_mode:pkcs1"],
      keyHex,
    ),
  };
}

// --- opening --------------------------------------------------------------------------------

function openWithCryptoJs(key, { ct, iv, ek }) {
  const keyHex = jsencryptKey(key).decrypt(ek);
  return CryptoJS.AES.decrypt(ct, CryptoJS.enc.Hex.parse(keyHex), {
    iv: CryptoJS.enc.Hex.parse(iv),
  }).toString(CryptoJS.enc.Utf8);
}

function openWithOpenssl(key, { ct, iv, ek }) {
  const run = (args, input) =>
    execFileSync("openssl", args, { input: Buffer.from(input, "base64"), encoding: "utf8" });
  const keyHex = run(
    ["pkeyutl", "-decrypt", "-inkey", pemFile(key), "-pkeyopt", "rsa_padding_mode:pkcs1"],
    ek,
  );
  return run(["enc", "-d", "-aes-256-cbc", "-K", keyHex, "-iv", iv], ct);
}

// --- files ----------------------------------------------------------------------------------

function write(name, value) {
  writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
}

const KEYS = ["rsa2048", "rsa2050", "rsa3072", "rsa4096"];
const PLAINTEXTS = {
  form: JSON.stringify({
    form_identifier: "5b0b1f0c-0a43-4c53-9a9b-3f6d1d9d7e11",
    data: [{ key: "interface", value: "de_testbank_bias" }],
  }),
  unicode: JSON.stringify({ form_identifier: "f", data: [{ key: "name", value: "Müller \u{1f3e6} \0" }] }),
  // A full last block gets a whole block of padding.
  "one-block": "0123456789abcdef",
  "one-byte": "x",
  long: "Lorem ipsum ".repeat(400),
};

function writeSealedByOthers() {
  for (const key of KEYS) {
    const jwt = tokenOf(key);
    for (const [name, plaintext] of Object.entries(PLAINTEXTS)) {
      const rsa = jsencryptKey(key);
      write(`sealed-by-others/${key}-${name}-javascript.json`, {
        sealed_by: javascript, key, jwt, plaintext,
        envelope: sealWithCryptoJs(plaintext, (keyHex) => rsa.encrypt(keyHex)),
      });
      write(`sealed-by-others/${key}-${name}-openssl.json`, {
        sealed_by: openssl, key, jwt, plaintext,
        envelope: sealWithOpenssl(key, plaintext),
      });
    }
  }
}

function writeShortKey() {
  const key = "rsa2048";
  const plaintext = PLAINTEXTS.form;
  let envelope;
  do envelope = sealWithCryptoJs(plaintext, (keyHex) => jsbnEncrypt(key, keyHex));
  while (Buffer.from(envelope.ek, "base64").length === 256);
  write("short-ek.json", {
    sealed_by: "crypto-js 4.2.0 and jsbn 1.1.0", key, jwt: tokenOf(key), plaintext, envelope,
  });
}

function writeCasesForUs() {
  for (const key of KEYS) {
    for (const [name, plaintext] of Object.entries(PLAINTEXTS)) {
      write(`sealed-by-us/${key}-${name}.json`, {
        key, jwt: tokenOf(key), plaintext, random_seed: `${key} ${name}`,
      });
    }
  }
}

function writeInvalid() {
  const { modulus, exponent } = numbers("rsa2048");
  const good = { modulus, exponent };
  const even = modulus.slice(0, -1) + "0";
  // Any odd number of the size will do where only the size is refused.
  const sized = (bits) => "f".repeat(bits / 4);
  const part = encode(good);
  const cases = {
    "two-parts": ["a token without a signature part", `${RS256}.${part}`, "a token has 3 parts, this one 2"],
    "four-parts": ["a token with a part too many", `${token(good)}.${SIGNATURE}`, "a token has 3 parts, this one 4"],
    "no-parts": ["no token at all", "", "a token has 3 parts, this one 1"],
    "payload-empty": ["nothing between the dots", `${RS256}..${SIGNATURE}`, "the payload of the token is empty"],
    "header-empty": ["nothing before the first dot", `.${part}.${SIGNATURE}`, "the header of the token is empty"],
    "payload-not-base64url": ["a character outside the alphabet", `${RS256}.${part.slice(0, -4)}+/!!.${SIGNATURE}`, "the payload of the token is not base64url"],
    "header-not-base64url": ["a character outside the alphabet", `{}.${part}.${SIGNATURE}`, "the header of the token is not base64url"],
    "payload-not-json": ["base64url of plain text", token("modulus and exponent"), "the payload of the token is not JSON: expected value at line 1 column 1"],
    "payload-not-utf8": ["base64url of bytes that are no text", `${RS256}._____w.${SIGNATURE}`, "the payload of the token is not JSON: expected value at line 1 column 1"],
    "header-not-json": ["base64url of plain text", token(good, encode("RS256")), "the header of the token is not JSON: expected value at line 1 column 1"],
    "payload-not-object": ["JSON, but a list", token([modulus, exponent]), "the payload of the token is not a JSON object"],
    "alg-none": ["a header that calls the token unsigned", token(good, encode({ alg: "none" })), "the header of the token says that it is unsigned (alg none)"],
    "alg-none-mixed-case": ["the same, written to slip through", token(good, encode({ alg: "nOnE" })), "the header of the token says that it is unsigned (alg none)"],
    "modulus-missing": ["no modulus", token({ exponent }), "modulus is missing"],
    "modulus-number": ["a JSON number beyond any range", token(`{"modulus":${"9".repeat(617)},"exponent":"10001"}`), "the payload of the token is not JSON: number out of range at line 1 column 628"],
    "modulus-small-number": ["a JSON number", token({ modulus: 65537, exponent }), "modulus is not a string"],
    "modulus-null": ["null", token({ modulus: null, exponent }), "modulus is not a string"],
    "modulus-empty": ["an empty string", token({ modulus: "", exponent }), "modulus is empty"],
    "modulus-not-hex": ["base64url, as a JWK has it", token({ modulus: Buffer.from(modulus, "hex").toString("base64url"), exponent }), "modulus is not hexadecimal"],
    "modulus-0x": ["hex with a prefix", token({ modulus: `0x${modulus}`, exponent }), "modulus is not hexadecimal"],
    "modulus-non-ascii-digit": ["a digit of another script", token({ modulus: `\u0663${modulus}`, exponent }), "modulus is not hexadecimal"],
    "modulus-512-bits": ["a key that anyone can factor", token({ modulus: sized(512), exponent }), "modulus has 512 bits and needs at least 2048"],
    "modulus-2047-bits": ["one bit short", token({ modulus: `7${sized(2044)}`, exponent }), "modulus has 2047 bits and needs at least 2048"],
    "modulus-zeros": ["512 bits made longer by leading zeros", token({ modulus: "0".repeat(384) + sized(512), exponent }), "modulus has 512 bits and needs at least 2048"],
    "modulus-zero": ["zero", token({ modulus: "0", exponent }), "modulus has 0 bits and needs at least 2048"],
    "modulus-8196-bits": ["too large", token({ modulus: sized(8196), exponent }), "modulus has 8196 bits and may have at most 8192"],
    "modulus-huge": ["a number to keep us busy", token({ modulus: sized(64000), exponent }), "modulus has 64000 bits and may have at most 8192"],
    "modulus-even": ["an even modulus", token({ modulus: even, exponent }), "modulus is even"],
    "exponent-missing": ["no exponent", token({ modulus }), "exponent is missing"],
    "exponent-number": ["65537 as a JSON number: decimal or hex?", token({ modulus, exponent: 65537 }), "exponent is not a string"],
    "exponent-empty": ["an empty string", token({ modulus, exponent: "" }), "exponent is empty"],
    "exponent-not-hex": ["base64url, as a JWK has it", token({ modulus, exponent: "AQAB_" }), "exponent is not hexadecimal"],
    "exponent-0": ["zero", token({ modulus, exponent: "00" }), "exponent is smaller than 3"],
    "exponent-1": ["no encryption at all", token({ modulus, exponent: "1" }), "exponent is smaller than 3"],
    "exponent-even": ["an even exponent", token({ modulus, exponent: "10000" }), "exponent is even"],
    "exponent-33-bits": ["too large", token({ modulus, exponent: "100000001" }), "exponent is larger than 32 bits"],
  };
  for (const [name, [why, jwt, error]] of Object.entries(cases)) {
    write(`invalid/${name}.json`, { why, jwt, error });
  }
}

function seal() {
  for (const name of ["sealed-by-others", "sealed-by-us", "invalid"]) {
    rmSync(join(folder, name), { recursive: true, force: true });
    mkdirSync(join(folder, name));
  }
  writeSealedByOthers();
  writeShortKey();
  writeCasesForUs();
  writeInvalid();
}

function open() {
  for (const file of readdirSync(join(folder, "sealed-by-us"))) {
    const name = `sealed-by-us/${file}`;
    const vector = JSON.parse(readFileSync(join(folder, name), "utf8"));
    for (const opener of [openWithOpenssl, openWithCryptoJs]) {
      if (opener(vector.key, vector.envelope) !== vector.plaintext) {
        throw new Error(`${opener.name} read another plaintext in ${name}`);
      }
    }
    write(name, { ...vector, opened_by: [openssl, javascript] });
  }
}

({ seal, open })[command]();
