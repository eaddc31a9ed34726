// RSA with PKCS#1 v1.5 padding on jsbn's numbers; the package has the numbers only, the article's
// client carries a copy with the RSA part.
import { randomBytes } from "node:crypto";
import jsbn from "jsbn";

const { BigInteger } = jsbn;

/**
 * Encrypts ASCII text; modulus and exponent are hex strings.
 *
 * The result is hex as jsbn's RSA prints it: an even number of digits and no more. Where the
 * number begins with zero bytes, about once in 200 calls, it is shorter than the modulus.
 */
export function encrypt(modulus, exponent, text) {
  const n = new BigInteger(modulus, 16);
  const size = (n.bitLength() + 7) >> 3;
  if (text.length + 11 > size) throw new Error("Message too long for RSA");
  const filler = Array.from(randomBytes(size - text.length - 3), (byte) => byte || 1);
  const block = Buffer.from([0, 2, ...filler, 0, ...Buffer.from(text)]);
  const digits = new BigInteger(block.toString("hex"), 16)
    .modPowInt(parseInt(exponent, 16), n)
    .toString(16);
  return digits.length % 2 ? `0${digits}` : digits;
}
