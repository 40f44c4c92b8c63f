import { mkdtempSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { CustomResourceOptions, ProviderResource } from "@pulumi/pulumi";
import type { Client, Emulator } from "../../emulator/emulator";
import { pluginFolder } from "../../scripts/buildPlugin";
import { findInPath } from "../../scripts/findInPath";
import { type Config, pulumi } from "./deployment";

/** The login of the plugin, by the names of its settings. */
export type Login = Record<string, unknown>;

/** What logs a client of an emulator in. */
export function loginTo(
  emulator: Emulator,
  client: Client = emulator.clients[0],
  subscriptionId = emulator.subscriptions[0],
): Record<string, string> {
  return {
    metadataHost: new URL(emulator.url).host,
    disableInstanceDiscovery: "true",
    tenantId: emulator.tenantId,
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    subscriptionId,
  };
}

/** A login as a stack is configured with it, its secret marked. */
export function configured(namespace: string, login: Record<string, string>): Config {
  const settings = Object.entries(login).map(([name, value]) => {
    return [`${namespace}:${name}`, { value, secret: name === "clientSecret" }];
  });
  return Object.fromEntries(settings);
}

/** Takes the login out of the environment of a stack. */
export function noEnvironment(emulator: Emulator): Record<string, undefined> {
  return Object.fromEntries(Object.keys(emulator.environment()).map((variable) => [variable, undefined]));
}

/** A PATH on which either form finds what it needs, and no `az` that a developer has logged in. */
export function pathWithoutAzureCli(): string {
  const folder = mkdtempSync(join(process.env.E2E_ROOT as string, "path-"));
  symlinkSync(process.execPath, join(folder, "node"));
  const cli = findInPath("pulumi", process.env.PATH ?? "");
  if (cli !== undefined) symlinkSync(cli, join(folder, "pulumi"));
  return [pluginFolder, folder].join(delimiter);
}

/** An explicit provider, as the class of a generated SDK makes it. */
export function explicitProvider(name: string, login: Login = {}, opts?: CustomResourceOptions): ProviderResource {
  class Provider extends pulumi().ProviderResource {
    constructor() {
      super("cognitive-key-rotation", name, login, opts);
    }
  }
  return new Provider();
}
