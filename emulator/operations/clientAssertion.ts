import { createHash, X509Certificate } from "node:crypto";
import { decode, type Jwt, type JwtHeader, type VerifyOptions, verify } from "jsonwebtoken";
import type { Refusal } from "../entraError";
import type { Client, State } from "../state";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Seconds by which two clocks may differ. */
const clockTolerance = 300;
/** What Entra wants as the audience of somebody else's token. */
export const federationAudience = "api://AzureADTokenExchange";

/** Whether the assertion names a certificate that it is signed with; a federated token names none. */
export function isSignedByCertificate(form: URLSearchParams): boolean {
  const header = readHeader(form);
  return header !== undefined && (header.x5t !== undefined || header["x5t#S256"] !== undefined);
}

/** Why the assertion of a client does not prove who it is, or `undefined` when it does. */
export function refuseAssertion(
  form: URLSearchParams,
  tenant: string,
  client: Client,
  state: State,
): Refusal | undefined {
  const header = readHeader(form);
  if (form.get("client_assertion_type") !== assertionType || header === undefined) {
    return { code: 50027, text: "JWT token is invalid or malformed." };
  }
  const assertion = form.get("client_assertion") ?? "";
  return isSignedByCertificate(form)
    ? refuseCertificate(assertion, header, tenant, client, state)
    : refuseFederatedToken(assertion, client, state);
}

/** https://learn.microsoft.com/entra/identity-platform/certificate-credentials */
function refuseCertificate(
  assertion: string,
  header: Header,
  tenant: string,
  { clientId, certificate }: Client,
  state: State,
): Refusal | undefined {
  const registered = certificate === undefined ? undefined : new X509Certificate(certificate);
  const thumbprint = (hash: string) =>
    createHash(hash)
      .update(registered?.raw ?? "")
      .digest("base64url");
  const named = header.x5t === thumbprint("sha1") || header["x5t#S256"] === thumbprint("sha256");
  if (registered === undefined || !named) {
    const text =
      "The certificate with identifier used to sign the client assertion is not registered on application. " +
      "[Reason - The key was not found.]";
    return { code: 700027, text };
  }
  const audience = `${state.baseUrl}/${tenant}/oauth2/v2.0/token`;
  return refuseToken(assertion, registered.publicKey.export({ format: "pem", type: "spki" }), state, {
    algorithms: ["RS256", "PS256"],
    audience,
    issuer: clientId,
    subject: clientId,
  });
}

/** https://learn.microsoft.com/entra/workload-id/workload-identity-federation */
function refuseFederatedToken(assertion: string, { federated }: Client, state: State): Refusal | undefined {
  const { iss, aud, sub } = (decode(assertion) ?? {}) as Record<string, unknown>;
  const no = (code: number, what: string): Refusal => ({
    code,
    text: `No matching federated identity record found for presented assertion ${what}.`,
  });
  if (federated === undefined || sub !== federated.subject) return no(700213, `subject '${sub}'`);
  if (iss !== state.workflowIssuer) return no(700211, `issuer '${iss}'`);
  if (aud !== (federated.audience ?? federationAudience)) return no(700212, `audience '${aud}'`);
  return refuseToken(assertion, state.workflowKey.public, state, { algorithms: ["RS256"] });
}

function refuseToken(
  assertion: string,
  key: string | Buffer,
  state: State,
  options: VerifyOptions,
): Refusal | undefined {
  try {
    verify(assertion, key, { ...options, clockTolerance, clockTimestamp: Math.floor(state.now() / 1000) });
    return undefined;
  } catch (error) {
    const { name, message } = error as Error;
    return name === "TokenExpiredError" || name === "NotBeforeError"
      ? { code: 700024, text: "Client assertion is not within its valid time range." }
      : { code: 700027, text: `Client assertion failed signature validation. [Reason - ${message}.]` };
  }
}

type Header = JwtHeader & { "x5t#S256"?: string };

function readHeader(form: URLSearchParams): Header | undefined {
  const decoded: Jwt | null = decode(form.get("client_assertion") ?? "", { complete: true });
  return decoded?.header;
}
