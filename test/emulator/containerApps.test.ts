import assert from "node:assert/strict";
import type { ContainerApp, Emulator } from "../../emulator/emulator";
import { startEmulator } from "../support/emulator";
import { bearer, type Received, send } from "./request";

const environmentId = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.App/managedEnvironments/env";

interface App {
  key: string;
  fingerprint?: string;
  secretRef?: string;
}

async function start() {
  const emulator = await startEmulator({ resourceGroups: ["rg"] });
  const authorization = await bearer(emulator);
  const path = `/subscriptions/${emulator.subscriptions[0]}/resourceGroups/rg/providers/Microsoft.App/containerApps/app`;
  const url = `${emulator.url}${path}?api-version=2025-01-01`;
  const ask = (method: string, body?: object): Promise<Received> =>
    send(url, { method, authorization, body: body && JSON.stringify(body) });
  const put = ({ key, fingerprint = "f", secretRef = "ai-key" }: App) => {
    const env = [
      { name: "KEY", secretRef },
      { name: "FINGERPRINT", value: fingerprint },
    ];
    return ask("PUT", {
      location: "eastus",
      properties: {
        environmentId,
        configuration: { activeRevisionsMode: "Single", secrets: [{ name: "ai-key", value: key }] },
        template: { containers: [{ name: "main", image: "i", env }] },
      },
    });
  };
  return { emulator, path, ask, put };
}

const app = (emulator: Emulator): ContainerApp => emulator.containerApp("rg", "app");

describe("a container app of the emulator", () => {
  it("is described with its revision, and without the values of its secrets", async () => {
    const { emulator, path, ask, put } = await start();
    const { status, body } = await put({ key: "one" });
    assert.equal(status, 201);
    const latestRevisionName = app(emulator).latest.name;
    assert.match(latestRevisionName, /^app--[a-z0-9]{7}$/);
    const { properties, ...envelope } = body as { properties: Record<string, unknown> };
    assert.deepEqual(envelope, { id: path, name: "app", type: "Microsoft.App/containerApps", location: "eastus" });
    const { template, ...rest } = properties;
    assert.deepEqual(rest, {
      environmentId,
      configuration: { activeRevisionsMode: "Single", secrets: [{ name: "ai-key" }] },
      provisioningState: "Succeeded",
      runningStatus: "Running",
      latestRevisionName,
      latestReadyRevisionName: latestRevisionName,
    });
    assert.deepEqual((await ask("GET")).body, body);
  });

  it("goes on with the secret it was started with, until its template changes", async () => {
    const { emulator, put } = await start();
    await put({ key: "one" });
    assert.equal((await put({ key: "two" })).status, 200);
    assert.deepEqual(app(emulator).secrets, { "ai-key": "two" });
    assert.deepEqual(
      app(emulator).revisions.map(({ environment }) => environment),
      [{ KEY: "one", FINGERPRINT: "f" }],
    );

    await put({ key: "two", fingerprint: "g" });
    assert.equal(app(emulator).revisions.length, 2);
    assert.deepEqual(app(emulator).latest.environment, { KEY: "two", FINGERPRINT: "g" });
  });

  it("refuses a reference to a secret that it does not have, and is gone once deleted", async () => {
    const { emulator, ask, put } = await start();
    const { status, body } = await put({ key: "one", secretRef: "other" });
    assert.equal(status, 400);
    assert.deepEqual(body, {
      error: {
        code: "ContainerAppSecretRefNotFound",
        message: "SecretRef 'other' defined for container 'main' not found.",
      },
    });
    assert.throws(() => app(emulator), /no container app/);
    assert.equal((await ask("PUT", {})).status, 400);

    await put({ key: "one" });
    for (const status of [200, 204]) assert.equal((await ask("DELETE")).status, status);
    assert.equal((await ask("GET")).status, 404);
  });
});
