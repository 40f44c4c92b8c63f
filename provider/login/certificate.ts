import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type forge from "node-forge";
import { certificateReasons } from "../words";

/**
 * A client certificate and its private key as PEM text, which is all that `@azure/identity` reads; azure-native reads
 * PKCS #12 (.pfx, .p12) too. Node can use such a file but not open it.
 *
 * @param content of the file: PEM text, or PKCS #12 in DER
 * @param password of the PKCS #12 file, or of the private key in the PEM text; empty for none
 * @throws Error that says what is wrong with the file
 */
export function certificatePem(content: Buffer, password: string): string {
  const isPem = content.includes("-----BEGIN ");
  const text = isPem ? content.toString("utf8") : pemOfPkcs12(content, password);
  const key = openKey(text, isPem ? password : "");
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  // The file may hold the certificates of its issuers too, in any order; Entra is told of the first one.
  const own = certificates.find((certificate) => new X509Certificate(certificate).checkPrivateKey(key));
  if (own === undefined) throw new Error(certificateReasons.withoutCertificate);
  return `${key.export({ format: "pem", type: "pkcs8" })}${own}\n`;
}

function openKey(pem: string, passphrase: string): KeyObject {
  const isEncrypted = pem.includes("ENCRYPTED");
  if (!passphrase && isEncrypted) throw new Error(certificateReasons.needsPassword);
  try {
    return createPrivateKey({ key: pem, ...(passphrase && { passphrase }) });
  } catch {
    // OpenSSL does not always say that it was the password: what one wrong in about 256 makes of the key looks decrypted.
    throw new Error(isEncrypted ? certificateReasons.wrongPassword : certificateReasons.withoutKey);
  }
}

function pemOfPkcs12(content: Buffer, password: string): string {
  const { asn1, pkcs12, pki, util }: typeof forge = require("node-forge");
  let file: forge.pkcs12.Pkcs12Pfx;
  try {
    file = pkcs12.pkcs12FromAsn1(asn1.fromDer(util.createBuffer(content.toString("binary"))), password);
  } catch (error) {
    if (/password|MAC could not be verified/i.test((error as Error).message))
      throw new Error(certificateReasons.wrongPassword);
    // The library takes such a password for Latin-1 where OpenSSL takes it for UTF-8.
    if (/[^ -~]/.test(password)) throw new Error(certificateReasons.passwordNotAscii);
    throw new Error(certificateReasons.unreadable);
  }
  const bags = [pki.oids.pkcs8ShroudedKeyBag, pki.oids.keyBag, pki.oids.certBag].flatMap(
    (bagType) => file.getBags({ bagType })[bagType] ?? [],
  );
  return bags
    .map(({ key, cert }) => (key ? pki.privateKeyToPem(key) : cert ? pki.certificateToPem(cert) : ""))
    .join("");
}
