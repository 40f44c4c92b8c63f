import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Client, Emulator, Proof } from "../../emulator/emulator";
import { createClientCertificate } from "../support/clientCertificate";
import { ConnectProxy } from "../support/connectProxy";
import { Deployment, type DeploymentOptions, failing, knowsRunProgram } from "../support/deployment";
import { startEmulator } from "../support/emulator";
import { findLeaks } from "../support/leaks";
import { account, group, keyProgram, name, seeded } from "../support/scenario";

const certificate = createClientCertificate();
const client: Client = {
  clientId: "22222222-2222-4222-8222-222222222222",
  clientSecret: "synthetic-secret-that-nobody-is-told",
  certificate: certificate.registered,
  federated: { subject: "repo:synthetic/infra:ref:refs/heads/main" },
  managedIdentity: "system",
};

/** Each method as people set it up, beside which no other one is configured. */
const setups: {
  it: string;
  proof: Proof;
  options(emulator: Emulator, folder: () => string): Pick<DeploymentOptions, "config" | "environment">;
}[] = [
  {
    it: "a certificate of the stack's configuration, whose password stays secret",
    proof: "certificate",
    options: (_, folder) => {
      const file = join(folder(), "client.pfx");
      writeFileSync(file, certificate.pfx);
      return {
        config: {
          "azure-native:clientCertificatePath": { value: file },
          "azure-native:clientCertificatePassword": { value: certificate.password, secret: true },
        },
      };
    },
  },
  {
    it: "the identity of a job of GitHub Actions",
    proof: "federated token",
    options: (emulator) => ({ environment: { ARM_USE_OIDC: "true", ...emulator.workflowEnvironment() } }),
  },
  {
    it: "the managed identity of an App Service",
    proof: "managed identity",
    options: (emulator) => ({
      environment: { ARM_USE_MSI: "true", ARM_CLIENT_ID: undefined, ...emulator.identityEnvironment("App Service") },
    }),
  },
  {
    it: "the default credential of the Azure SDK",
    proof: "client secret",
    options: ({ tenantId }) => ({
      environment: {
        ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true",
        AZURE_TENANT_ID: tenantId,
        AZURE_CLIENT_ID: client.clientId,
        AZURE_CLIENT_SECRET: client.clientSecret,
      },
    }),
  },
];

describe("a deployment", () => {
  for (const { it: by, proof, options } of setups) {
    it(`logs in once with ${by}, and rotates`, async () => {
      const emulator = await startEmulator({
        ...seeded,
        clients: [client],
        workflowSubject: client.federated?.subject,
      });
      const { config, environment } = options(emulator, () => process.env.E2E_ROOT as string);
      const stack = new Deployment(emulator, { config, environment: { ARM_CLIENT_SECRET: undefined, ...environment } });
      const run = await stack.up(keyProgram({ rotationTrigger: 1 }));
      assert.deepEqual(run.outputs.key, { value: account(emulator).key1, secret: true });
      assert.deepEqual(
        emulator.logins.map((login) => [login.proof, login.status]),
        [[proof, 200]],
      );
      const secrets = [...emulator.secrets, certificate.password];
      assert.deepEqual(findLeaks(`${run.printed}\n${await stack.stored()}`, secrets), []);
    });
  }

  it("goes on after its secret was renewed, and an `up --refresh` says how", async function () {
    if (!knowsRunProgram()) this.skip();
    const renewed: Client = { clientId: client.clientId, clientSecret: "synthetic-secret-of-yesterday" };
    const emulator = await startEmulator({ ...seeded, clients: [renewed] });
    const secret = (value: string) => ({ "azure-native:clientSecret": { value, secret: true } });
    const program = keyProgram();
    const stack = new Deployment(emulator, {
      config: secret(renewed.clientSecret),
      environment: { ARM_CLIENT_SECRET: undefined },
    });
    await stack.up(program);

    renewed.clientSecret = "synthetic-secret-of-today";
    await stack.configure(secret(renewed.clientSecret));
    const { printed } = await failing(stack.up(program, { refresh: true }));
    assert.match(
      printed,
      /Login failed: AADSTS7000215: Invalid client secret provided\. .*"pulumi up --refresh", .*--run-program .*\[login-failed\]/,
    );
    // The ids that Entra appends say nothing to a person.
    assert.doesNotMatch(printed, /Trace ID|Timest/);
    assert.deepEqual((await stack.up(program, { refresh: true, runProgram: true })).steps, { same: 1, refresh: 1 });

    renewed.clientSecret = "synthetic-secret-of-tomorrow";
    await stack.configure(secret(renewed.clientSecret));
    assert.deepEqual((await stack.up(program)).steps, { same: 1 });
    assert.deepEqual((await stack.up(program, { refresh: true })).steps, { same: 1, refresh: 1 });
  });

  it("reaches all of Azure through the proxy that HTTPS_PROXY names", async () => {
    const emulator = await startEmulator(seeded);
    const clients: (number | undefined)[] = [];
    emulator.on("connection", ({ remotePort }: Socket) => clients.push(remotePort));
    const proxy = await ConnectProxy.start();
    const stack = new Deployment(emulator, { environment: { HTTPS_PROXY: proxy.url, NO_PROXY: undefined } });
    const waitUntilAccepted = { url: `${emulator.endpoint(group, name)}openai/models` };
    const { outputs } = await stack.up(keyProgram({ rotationTrigger: 1, waitUntilAccepted }));
    assert.equal(outputs.key.value, account(emulator).key1);
    assert.equal(emulator.dataPlaneCalls.at(-1)?.status, 200);
    assert.deepEqual(new Set(clients), new Set(proxy.ports));
  });
});
