import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client, Emulator, Outcome, Proof } from "../../emulator/emulator";
import { type AzureLogin, azureLogin } from "../../provider/login/azureLogin";
import { requestFederatedToken } from "../../provider/login/federatedToken";
import type { LoginSettingName } from "../../provider/login/loginSettings";
import { settingReader } from "../../provider/login/settings";
import type { WayIn } from "../../provider/words";
import { createClientCertificate } from "../support/clientCertificate";
import { startEmulator } from "../support/emulator";
import { assertNamesItsOwn, dynamicWay, waysIn } from "../support/waysIn";

/** All settings for logging in, and the variables that count where a setting is not in the configuration. */
const variables: Record<LoginSettingName, string> = {
  subscriptionId: "ARM_SUBSCRIPTION_ID",
  tenantId: "ARM_TENANT_ID",
  clientId: "ARM_CLIENT_ID",
  clientSecret: "ARM_CLIENT_SECRET",
  clientCertificatePath: "ARM_CLIENT_CERTIFICATE_PATH",
  // Other tools' variable: azure-native does not read it, and neither does this package.
  clientCertificate: "ARM_CLIENT_CERTIFICATE",
  clientCertificatePassword: "ARM_CLIENT_CERTIFICATE_PASSWORD",
  useOidc: "ARM_USE_OIDC",
  oidcToken: "ARM_OIDC_TOKEN",
  oidcTokenFilePath: "ARM_OIDC_TOKEN_FILE_PATH",
  oidcRequestUrl: "ACTIONS_ID_TOKEN_REQUEST_URL",
  oidcRequestToken: "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
  oidcAudience: "ARM_OIDC_AUDIENCE",
  useMsi: "ARM_USE_MSI",
  useDefaultAzureCredential: "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
  auxiliaryTenantIds: "ARM_AUXILIARY_TENANT_IDS",
  metadataHost: "ARM_METADATA_HOSTNAME",
  environment: "ARM_ENVIRONMENT",
  disableInstanceDiscovery: "ARM_DISABLE_INSTANCE_DISCOVERY",
};
type Settings = Partial<Record<LoginSettingName, string>>;

const certificate = createClientCertificate();
const principal: Client = {
  clientId: "22222222-2222-4222-8222-222222222222",
  clientSecret: "synthetic-secret",
  certificate: certificate.registered,
  federated: { subject: "repo:synthetic/infra:ref:refs/heads/main" },
};
const systemIdentity: Client = { clientId: "system", clientSecret: "unused-1", managedIdentity: "system" };
const userIdentity: Client = { clientId: "user-assigned", clientSecret: "unused-2", managedIdentity: "user" };

type Place = "configuration" | "environment";

interface Row {
  it: string;
  /** Beside the subscription, tenant and client of {@link principal}; `undefined` takes a setting away. */
  settings: (scene: Scene) => Settings | Promise<Settings>;
  /** What the login library itself reads, in the environment of the process. */
  environment?: (emulator: Emulator) => Record<string, string>;
  /** How the emulator was shown who logs in, and as whom; `refusal` where nobody may log in. */
  as?: { proof: Proof; clientId?: string };
  refusal?: RegExp;
  /** Where the settings count. @default both */
  only?: Place;
  /** Another tenant to ask for a token of. */
  forTenant?: string;
}

interface Scene {
  emulator: Emulator;
  /** Writes a file and gives its path. */
  file(content: string | Buffer): string;
}

const machine = (emulator: Emulator) => emulator.identityEnvironment("machine");
const appService = (emulator: Emulator) => emulator.identityEnvironment("App Service");
const workflow = ({ emulator }: Scene): Settings => {
  const { ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN } = emulator.workflowEnvironment();
  return { oidcRequestUrl: ACTIONS_ID_TOKEN_REQUEST_URL, oidcRequestToken: ACTIONS_ID_TOKEN_REQUEST_TOKEN };
};
const inEnvironment = ({ tenantId }: Emulator) => ({
  AZURE_TENANT_ID: tenantId,
  AZURE_CLIENT_ID: principal.clientId,
  AZURE_CLIENT_SECRET: principal.clientSecret,
});

const secret: Settings = { clientSecret: principal.clientSecret };
const oidc = { useOidc: "true" };
const otherTenant = "44444444-4444-4444-8444-444444444444";

/** One row for each way to log in, and each refusal of a cloud, a login host or a library. */
const rows: Row[] = [
  // The methods.
  { it: "a client secret", settings: () => secret, as: { proof: "client secret" } },
  {
    it: "a certificate as PEM",
    settings: ({ file }) => ({ clientCertificatePath: file(certificate.pem) }),
    as: { proof: "certificate" },
  },
  {
    it: "a certificate as PKCS #12",
    settings: ({ file }) => ({
      clientCertificatePath: file(certificate.pfx),
      clientCertificatePassword: certificate.password,
    }),
    as: { proof: "certificate" },
  },
  {
    it: "a certificate in base64",
    only: "configuration",
    settings: () => ({
      clientCertificate: certificate.pfx.toString("base64"),
      clientCertificatePassword: certificate.password,
    }),
    as: { proof: "certificate" },
  },
  {
    it: "an OIDC token",
    settings: async (scene) => ({ ...oidc, oidcToken: await tokenOf(scene) }),
    as: { proof: "federated token" },
  },
  {
    it: "an OIDC token in a file",
    settings: async (scene) => ({ ...oidc, oidcTokenFilePath: scene.file(`${await tokenOf(scene)}\n`) }),
    as: { proof: "federated token" },
  },
  {
    it: "an OIDC token that a job of GitHub Actions asks for",
    settings: (scene) => ({ ...oidc, ...workflow(scene) }),
    as: { proof: "federated token" },
  },
  {
    it: "the managed identity of the system, on a machine",
    settings: () => ({ useMsi: "true", tenantId: undefined, clientId: undefined }),
    environment: machine,
    as: { proof: "managed identity", clientId: "" },
  },
  {
    it: "a managed identity of the user, on a machine",
    settings: () => ({ useMsi: "true", clientId: userIdentity.clientId }),
    environment: machine,
    as: { proof: "managed identity", clientId: userIdentity.clientId },
  },
  {
    it: "the managed identity of the system, of an App Service",
    settings: () => ({ useMsi: "true", tenantId: undefined, clientId: undefined }),
    environment: appService,
    as: { proof: "managed identity", clientId: "" },
  },
  {
    it: "a managed identity of the user, of an App Service",
    settings: () => ({ useMsi: "true", clientId: userIdentity.clientId }),
    environment: appService,
    as: { proof: "managed identity", clientId: userIdentity.clientId },
  },
  {
    it: "DefaultAzureCredential by the variables AZURE_*",
    settings: () => ({ useDefaultAzureCredential: "true", tenantId: undefined, clientId: undefined }),
    environment: inEnvironment,
    as: { proof: "client secret" },
  },
  {
    it: "DefaultAzureCredential by the managed identity",
    settings: () => ({ useDefaultAzureCredential: "true", tenantId: undefined, clientId: undefined }),
    environment: appService,
    as: { proof: "managed identity", clientId: "" },
  },

  // The order within a method, and that there is no other one in its place.
  {
    it: "the token of OIDC before its file, and that before the request",
    settings: async (scene) => ({
      ...oidc,
      oidcToken: "synthetic",
      oidcTokenFilePath: scene.file(await tokenOf(scene)),
    }),
    refusal: /^Login failed: .*AADSTS50027.* with OIDC\. .*\[login-failed\]$/,
  },
  {
    it: "the file of OIDC before the request",
    settings: (scene) => ({ ...oidc, oidcTokenFilePath: scene.file("synthetic"), ...workflow(scene) }),
    refusal: /^Login failed: .*AADSTS50027.* with OIDC\. .*\[login-failed\]$/,
  },
  {
    it: "no other method in place of one that fails",
    settings: (scene) => ({ clientSecret: "wrong", ...oidc, ...workflow(scene), useMsi: "true" }),
    environment: machine,
    refusal:
      /^Login failed: .*AADSTS7000215: Invalid client secret provided.* with client secret\. .*\[login-failed\]$/,
  },
  {
    it: "the metadata host before the name of a cloud",
    settings: () => ({ ...secret, environment: "china" }),
    as: { proof: "client secret" },
  },
  // What is wrong with what was given.
  {
    it: "no certificate that is not there",
    settings: () => ({ clientCertificatePath: "/nonexistent/client.pfx" }),
    refusal: /the file that clientCertificatePath names cannot be read \(ENOENT\)\. .*\[client-certificate\]$/,
  },
  {
    it: "no certificate that is not registered",
    settings: ({ file }) => ({ clientCertificatePath: file(createClientCertificate().pem) }),
    refusal: /AADSTS700027: The certificate with identifier/,
  },
  {
    it: "no tenant that the cloud does not know",
    settings: () => ({ ...secret, tenantId: "55555555-5555-4555-8555-555555555555" }),
    refusal: / with client secret\. .*\[unknown-tenant\]$/,
  },
  {
    it: "no token file that is not there",
    settings: () => ({ ...oidc, oidcTokenFilePath: "/nonexistent/token" }),
    refusal: /the file that oidcTokenFilePath names cannot be read \(ENOENT\)\. .*\[token-file\]$/,
  },
  {
    it: "no identity token for another audience",
    settings: (scene) => ({ ...oidc, ...workflow(scene), oidcAudience: "api://another" }),
    refusal: /AADSTS700212: No matching federated identity record .* audience 'api:\/\/another'/,
  },
  {
    it: "no identity token for a job that may not ask",
    settings: (scene) => ({ ...oidc, ...workflow(scene), oidcRequestToken: "wrong" }),
    refusal: /no identity token: answered 401 \(localhost:\d+\)\. .*\[identity-token\]$/,
  },
  {
    it: "no identity token of somebody who answers otherwise",
    settings: ({ emulator }) => ({
      ...oidc,
      oidcRequestUrl: `${emulator.url}/metadata/endpoints?api-version=2022-09-01`,
      oidcRequestToken: "synthetic",
    }),
    refusal: /no identity token: the answer has none .*\[identity-token\]$/,
  },
  {
    it: "no request token over http",
    settings: () => ({ ...oidc, oidcRequestUrl: "http://localhost:1/idtoken", oidcRequestToken: "synthetic" }),
    refusal: /no identity token: oidcRequestUrl must begin with https:\/\/ \(localhost:1\)\. .*\[identity-token\]$/,
  },
  {
    it: "no pod's identity for the machine's",
    settings: () => ({ useMsi: "true", tenantId: undefined, clientId: undefined }),
    environment: (emulator) => ({
      ...machine(emulator),
      AZURE_FEDERATED_TOKEN_FILE: "/nonexistent",
      AZURE_TENANT_ID: emulator.tenantId,
      AZURE_CLIENT_ID: principal.clientId,
    }),
    refusal: /useMsi .*\[two-identities\]$/,
  },
  {
    it: "no managed identity that is not assigned",
    settings: () => ({ useMsi: "true", clientId: "another" }),
    environment: appService,
    refusal: /No User Assigned Managed Identity found.* with managed identity\. .*\[login-failed\]$/,
  },
  {
    it: "no DefaultAzureCredential with which nobody can log in, and with the reason of each",
    settings: () => ({ useDefaultAzureCredential: "true" }),
    environment: () => ({ AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential" }),
    refusal: /^Login failed: EnvironmentCredential is unavailable.* with DefaultAzureCredential\. /,
  },

  // Other tenants.
  ...[
    { it: "a client secret", of: () => secret, as: { proof: "client secret" } as const },
    {
      it: "a certificate",
      as: { proof: "certificate" } as const,
      of: ({ file }: Scene) => ({ clientCertificatePath: file(certificate.pem) }),
    },
    { it: "OIDC", as: { proof: "federated token" } as const, of: (scene: Scene) => ({ ...oidc, ...workflow(scene) }) },
  ].flatMap(({ it, of, as }): Row[] => [
    {
      it: `${it} in no tenant that is not named`,
      settings: of,
      forTenant: otherTenant,
      refusal: /not configured to acquire tokens for tenant 44444444/,
    },
    {
      it: `${it} in an auxiliary tenant`,
      settings: (scene) => ({ ...of(scene), auxiliaryTenantIds: JSON.stringify([otherTenant]) }),
      forTenant: otherTenant,
      as,
    },
  ]),
];

describe("a login", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "login-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  for (const row of rows) {
    for (const place of row.only ? [row.only] : (["configuration", "environment"] as const)) {
      it(`takes ${row.it}, by the ${place}`, async () => {
        const emulator = await startEmulator({
          auxiliaryTenants: [otherTenant],
          clients: [principal, systemIdentity, userIdentity],
          workflowSubject: principal.federated?.subject,
        });
        let files = 0;
        const file = (content: string | Buffer): string => {
          const path = join(folder, String(files++));
          writeFileSync(path, content);
          return path;
        };
        const settings: Settings = {
          metadataHost: new URL(emulator.url).host,
          disableInstanceDiscovery: "true",
          subscriptionId: emulator.subscriptions[0],
          tenantId: emulator.tenantId,
          clientId: principal.clientId,
          ...(await row.settings({ emulator, file })),
        };
        await withEnvironment(row.environment?.(emulator) ?? {}, async () => {
          if (row.refusal === undefined) {
            await token(loginBy(place, settings), row.forTenant);
            assert.deepEqual(emulator.logins, [
              {
                tenant: row.as?.proof === "managed identity" ? "" : (row.forTenant ?? emulator.tenantId),
                clientId: principal.clientId,
                status: 200,
                ...row.as,
              },
            ]);
            return;
          }
          for (const wayIn of waysIn) {
            const error = await token(loginBy(place, settings, wayIn), row.forTenant).then(
              () => assert.fail("somebody is logged in"),
              (reason: Error) => reason,
            );
            assert.match(error.message, row.refusal);
            assertNamesItsOwn(wayIn, error.message);
            for (const hidden of emulator.secrets) assert.ok(!error.message.includes(hidden));
          }
          assert.ok(!emulator.logins.some(({ status }) => status === 200), "nobody is logged in");
        });
      });
    }
  }
});

describe("a login that is sent elsewhere", () => {
  const statuses = [301, 302, 303, 307, 308];
  for (const status of statuses) {
    it(`with ${status} on the same host shows its secret to nobody else, and says so`, async () => {
      const emulator = await startEmulator({ clients: [principal] });
      const asked: string[] = [];
      emulator.on("request", ({ method, url }: IncomingMessage) => asked.push(`${method} ${url?.split("?")[0]}`));
      const path = `/${emulator.tenantId}/oauth2/v2.0/token`;
      emulator.fault = ({ operation, attempt }) =>
        operation === "token" && attempt === 1
          ? { strikes: "beforeEffect", outcome: { status, headers: { Location: `${path}?again` } } }
          : undefined;
      const login = azureLogin(settingReader(dynamicWay, () => undefined, emulator.environment()));
      await assert.rejects(token(login), {
        message: new RegExp(`^Login failed: the login host answered ${status}\\. .*\\[login-host\\]$`),
      });
      assert.deepEqual(
        asked.filter((request) => request.startsWith("POST")),
        [`POST ${path}`],
      );
    });
  }

  it("on a machine with a managed identity is not followed either", async () => {
    const emulator = await startEmulator({ clients: [systemIdentity] });
    const asked: string[] = [];
    emulator.on("request", ({ url }: IncomingMessage) => asked.push(String(url)));
    emulator.fault = ({ operation, attempt }) =>
      operation === "token" && attempt === 1
        ? { strikes: "beforeEffect", outcome: { status: 307, headers: { Location: "/msi/token?again" } } }
        : undefined;
    const settings = { useMsi: "true", metadataHost: new URL(emulator.url).host, subscriptionId: "any" };
    await withEnvironment(appService(emulator), async () => {
      await assert.rejects(token(loginBy("configuration", settings)), {
        message: /^Login failed: .* with managed identity\. /,
      });
    });
    assert.equal(asked.filter((url) => url.startsWith("/msi/token")).length, 1);
  });

  it("by the host of a workflow's token is not followed either", async () => {
    const emulator = await startEmulator({ clients: [principal], workflowSubject: principal.federated?.subject });
    const { ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken } = emulator.workflowEnvironment();
    emulator.fault = ({ operation }) =>
      operation === "metadata"
        ? { strikes: "beforeEffect", outcome: { status: 307, headers: { Location: "/idtoken?audience=any" } } }
        : undefined;
    const asking = requestFederatedToken(`${emulator.url}/metadata/endpoints?a`, requestToken, "api://any");
    await assert.rejects(asking, { message: /no identity token: answered 307 .*\[identity-token\]$/ });
  });
});

describe("a login host that gives no token", () => {
  const answers: [what: string, outcome: Outcome, says: RegExp][] = [
    ["has an error of its own", { status: 500, body: {} }, /^Login failed: .*\[(login-failed|login-host)\]$/],
    ["is throttled", { status: 429, body: {} }, /^Login failed: .*\[(login-failed|login-host)\]$/],
    ["cuts the connection", "reset", /^Login failed: .*\[login-failed\]$/],
    ["answers without one", { status: 200, body: {} }, /the login host answered 200 without a token.*\[login-host\]$/],
    ["answers HTML", { status: 200, body: "<html>" }, /the login host answered 200 without a token.*\[login-host\]$/],
    ["is a firewall", { status: 403, body: "<html>" }, /the login host answered 403\..*\[login-host\]$/],
  ];
  for (const [what, outcome, says] of answers) {
    it(`as it ${what}, is told in words`, async function () {
      // The library asks again, in real time.
      this.timeout(20_000);
      const emulator = await startEmulator({ clients: [principal] });
      emulator.fault = ({ operation }) => (operation === "token" ? { strikes: "beforeEffect", outcome } : undefined);
      const login = azureLogin(settingReader(dynamicWay, () => undefined, emulator.environment()));
      await assert.rejects(token(login), (error: Error) => {
        assert.match(error.message, says);
        assert.match(error.message, /The login was tried with client secret\./);
        return true;
      });
    });
  }
});

describe("a login with the blanks and line breaks that a setting has come with", () => {
  for (const place of ["configuration", "environment"] as const) {
    it(`is the same, by the ${place}`, async () => {
      const emulator = await startEmulator({ clients: [principal] });
      const settings: Settings = {
        metadataHost: new URL(emulator.url).host,
        disableInstanceDiscovery: "true",
        subscriptionId: emulator.subscriptions[0],
        tenantId: emulator.tenantId,
        clientId: principal.clientId,
        clientSecret: principal.clientSecret,
      };
      const around = Object.entries(settings).map(([name, value]) => [
        name,
        name === "clientSecret" ? `${value}\n` : ` ${value} \r\n`,
      ]);
      const login = loginBy(place, Object.fromEntries(around));
      await token(login);
      assert.equal(await login.defaultSubscription(), emulator.subscriptions[0]);
      assert.deepEqual(
        emulator.logins.map(({ status }) => status),
        [200],
      );
    });
  }
});

/** The login by these settings, all of which are in one place. */
function loginBy(place: Place, settings: Settings, wayIn: WayIn = dynamicWay): AzureLogin {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  if (place === "configuration") {
    const configured: Settings = Object.fromEntries(given);
    return azureLogin(settingReader(wayIn, (name) => configured[name], {}));
  }
  const environment = Object.fromEntries(given.map(([name, value]) => [variables[name as keyof Settings], value]));
  return azureLogin(settingReader(wayIn, () => undefined, environment));
}

async function token(login: AzureLogin, tenantId?: string): Promise<void> {
  const { scope } = await login.cloud();
  const credential = await login.credential();
  assert.ok((await credential.getToken(scope, { tenantId }))?.token);
}

/** A token of the workflow that {@link principal} trusts. */
async function tokenOf({ emulator }: Scene): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN } = emulator.workflowEnvironment();
  const answer = await fetch(`${ACTIONS_ID_TOKEN_REQUEST_URL}&audience=api://AzureADTokenExchange`, {
    headers: { Authorization: `Bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN}` },
  });
  return ((await answer.json()) as { value: string }).value;
}

/**
 * The login library reads these for itself. Those of the machine that the test runs on must not count, and neither must
 * those of an earlier test: the library keeps the first managed identity of the process, so it is loaded anew.
 */
async function withEnvironment(variables: Record<string, string>, work: () => Promise<void>): Promise<void> {
  if (Object.keys(variables).length > 0) {
    const loaded = Object.keys(require.cache).filter((file) => /@azure[\\/](?:identity|msal-node)[\\/]/.test(file));
    for (const file of loaded) delete require.cache[file];
  }
  const before = { ...process.env };
  const isLogin = (name: string) => /^(AZURE|IDENTITY|MSI|IMDS)_|^PATH$/.test(name);
  for (const name of Object.keys(before).filter(isLogin)) delete process.env[name];
  Object.assign(process.env, variables);
  try {
    await work();
  } finally {
    for (const name of Object.keys(process.env).filter(isLogin)) delete process.env[name];
    for (const name of Object.keys(before).filter(isLogin)) process.env[name] = before[name];
  }
}
