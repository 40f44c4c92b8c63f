import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { generate } from "selfsigned";

/** A certificate and its private key, both as PEM text. */
export interface Certificate {
  cert: string;
  key: string;
}

const validForMs = 7 * 24 * 60 * 60 * 1000;
const clockSkewMs = 5 * 60 * 1000;

/**
 * Makes a throw-away certificate for `localhost`, `127.0.0.1` and `::1`: EC P-256, SHA-256, valid for 7 days.
 *
 * It is its own certificate authority, so the same PEM is what the server presents and what a client trusts
 * (`NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`). No key is ever written into the repository.
 */
export async function createCertificate(): Promise<Certificate> {
  const now = Date.now();
  // Two issuers of one name in a trust store are mistaken for each other.
  const issuer = `Emulator ${randomUUID()}`;
  const made = await generate(
    [
      { name: "commonName", value: "localhost" },
      { name: "organizationName", value: issuer },
    ],
    {
      keyType: "ec",
      curve: "P-256",
      algorithm: "sha256",
      notBeforeDate: new Date(now - clockSkewMs),
      notAfterDate: new Date(now + validForMs),
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
        { name: "extKeyUsage", serverAuth: true },
        {
          name: "subjectAltName",
          altNames: [
            { type: 2, value: "localhost" },
            { type: 7, ip: "127.0.0.1" },
            { type: 7, ip: "::1" },
          ],
        },
      ],
    },
  );
  return { cert: made.cert, key: made.private };
}

/**
 * The text of a file for `NODE_EXTRA_CA_CERTS`: this certificate, and what the variable names now. Ours comes first: of
 * several certificates for the same name, such as another emulator's, OpenSSL tries only the first.
 */
export function withTrustedBefore({ cert }: Certificate): string {
  const trusted = process.env.NODE_EXTRA_CA_CERTS;
  return `${cert}\n${trusted && existsSync(trusted) ? readFileSync(trusted, "utf8") : ""}`;
}
