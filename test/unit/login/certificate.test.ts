import assert from "node:assert/strict";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { certificatePem } from "../../../provider/login/certificate";
import { certificateReasons } from "../../../provider/words";

/** A private key in OpenSSL's traditional format that the password decrypts to the given bytes. */
function encryptedKey(content: Buffer, password: string): string {
  const iv = randomBytes(16);
  const digest = (before: Buffer) =>
    createHash("md5")
      .update(Buffer.concat([before, Buffer.from(password), iv.subarray(0, 8)]))
      .digest();
  const first = digest(Buffer.alloc(0));
  const cipher = createCipheriv("aes-256-cbc", Buffer.concat([first, digest(first)]), iv);
  const body = Buffer.concat([cipher.update(content), cipher.final()]).toString("base64");
  const headers = `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,${iv.toString("hex").toUpperCase()}`;
  return `-----BEGIN RSA PRIVATE KEY-----\n${headers}\n\n${body}\n-----END RSA PRIVATE KEY-----\n`;
}

describe("the password of a client certificate", () => {
  it("is named as the cause, too, when it decrypts the key to what happens to be padded like one", () => {
    // OpenSSL reports that, of which one wrong password in about 256 is an example, as a format it does not know.
    const file = Buffer.from(encryptedKey(randomBytes(64), "another"));
    assert.throws(() => certificatePem(file, "another"), {
      message: certificateReasons.wrongPassword,
    });
  });

  it("must be printable where it opens a file of PKCS #12, as the library takes others for Latin-1", () => {
    assert.throws(() => certificatePem(Buffer.from("synthetic"), "Ä"), {
      message: certificateReasons.passwordNotAscii,
    });
  });
});
