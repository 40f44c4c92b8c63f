import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import forge from "node-forge";

/** A client's certificate in the forms in which files hold one. */
export interface ClientCertificate {
  /** What is registered with the client: the certificate alone, as PEM text. */
  registered: string;
  /** Certificate and private key as PEM text, the key first. */
  pem: string;
  /** The same, with the key encrypted under the password. */
  encryptedPem: string;
  /** PKCS #12 with the issuer's certificate before the own one, under the password, encrypted as OpenSSL 3 does. */
  pfx: Buffer;
  /** PKCS #12 under an empty password, encrypted as Windows does. */
  pfxWithoutPassword: Buffer;
  password: string;
}

/** Makes an RSA key pair, a certificate for it, and another one for a made-up issuer. */
export function createClientCertificate(): ClientCertificate {
  const password = "synthetic password";
  const { pem: own, key } = selfSigned("client");
  const { pem: issuer } = selfSigned("issuer");
  const privateKey = createPrivateKey(key);
  const encrypted = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: password });
  const pkcs12 = (secret: string, algorithm: "aes256" | "3des"): Buffer => {
    const certificates = [issuer, own].map((pem) => forge.pki.certificateFromPem(pem));
    const asn1 = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(key), certificates, secret, { algorithm });
    return Buffer.from(forge.asn1.toDer(asn1).getBytes(), "binary");
  };
  return {
    registered: own,
    pem: key + own,
    encryptedPem: `${encrypted}${own}`,
    pfx: pkcs12(password, "aes256"),
    pfxWithoutPassword: pkcs12("", "3des"),
    password,
  };
}

function selfSigned(commonName: string): { pem: string; key: string } {
  // Node's own generator takes a tenth of the time of the library's.
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = "01";
  certificate.validity.notBefore = new Date(Date.now() - 60_000);
  certificate.validity.notAfter = new Date(Date.now() + 3_600_000);
  certificate.setSubject([{ name: "commonName", value: commonName }]);
  certificate.setIssuer([{ name: "commonName", value: commonName }]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { pem: forge.pki.certificateToPem(certificate), key: privateKey };
}
