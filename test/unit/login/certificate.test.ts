import assert from "node:assert/strict";
import { createCipheriv, createHash, createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { certificatePem } from "../../../provider/login/certificate";
import { certificateReasons } from "../../../provider/words";
import { createClientCertificate } from "../../support/clientCertificate";

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

describe("a client certificate", () => {
  const made = createClientCertificate();
  const other = createClientCertificate();
  const { password } = made;
  const files: [what: string, content: string | Buffer, password: string][] = [
    ["PEM", made.pem, ""],
    ["PEM whose key is encrypted", made.encryptedPem, password],
    ["PKCS #12", made.pfx, password],
    ["PKCS #12 without a password", made.pfxWithoutPassword, ""],
  ];
  for (const [what, content, secret] of files) {
    it(`is read as ${what}, and its own one first`, () => {
      const pem = certificatePem(Buffer.from(content), secret);
      assert.equal(new X509Certificate(pem).subject, "CN=client");
      assert.equal(new X509Certificate(pem).checkPrivateKey(createPrivateKey(pem)), true);
    });
  }

  const refused: [what: string, content: string | Buffer, password: string, reason: keyof typeof certificateReasons][] =
    [
      ["no certificate at all", "synthetic", "", "unreadable"],
      ["without a private key", made.registered, "", "withoutKey"],
      ["of another key", other.pem.replace(other.registered, made.registered), "", "withoutCertificate"],
      ["encrypted, without a password", made.encryptedPem, "", "needsPassword"],
      ["PEM under another password", made.encryptedPem, "wrong", "wrongPassword"],
      ["PKCS #12 under another password", made.pfx, "wrong", "wrongPassword"],
    ];
  for (const [what, content, secret, reason] of refused) {
    it(`is refused when it is ${what}`, () => {
      assert.throws(() => certificatePem(Buffer.from(content), secret), { message: certificateReasons[reason] });
    });
  }
});
