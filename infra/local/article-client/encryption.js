// The form encryption as the article's client does it: AES by crypto-js, RSA on jsbn.
import { randomBytes } from "node:crypto";
import CryptoJS from "crypto-js";
import { encrypt } from "./rsa.js";

/** Encrypts the text with the key in a JWT, whose header and signature play no part. */
export function seal(jwt, text, wantShort) {
  const [, payload] = jwt.split(".");
  const { modulus, exponent } = JSON.parse(Buffer.from(payload, "base64url").toString());
  for (;;) {
    const envelope = sealOnce(modulus, exponent, text);
    const isShort = Buffer.from(envelope.ek, "base64").length < Math.ceil(modulus.length / 2);
    if (isShort || !wantShort) return envelope;
  }
}

function sealOnce(modulus, exponent, text) {
  const iv = randomBytes(16).toString("hex");
  const keyHex = randomBytes(32).toString("hex");
  const ct = CryptoJS.AES.encrypt(text, CryptoJS.enc.Hex.parse(keyHex), {
    iv: CryptoJS.enc.Hex.parse(iv),
  }).toString();
  const ek = CryptoJS.enc.Hex.parse(encrypt(modulus, exponent, keyHex));
  return { ct, iv, ek: ek.toString(CryptoJS.enc.Base64) };
}
