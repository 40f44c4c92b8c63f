import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { randomText } from "./accountKey";
import { ContainerApps } from "./azureNative/containerApps";
import { type AzureNative, startAzureNative } from "./azureNative/start";
import { VaultSecrets } from "./azureNative/vaultSecrets";
import { createCertificate, withTrustedBefore } from "./certificate";
import { createEmulator } from "./emulator";
import { runCommand, sandboxVariables } from "./sandbox";
import { parseSettings } from "./settings";

const usage = `Usage: npm run emulator -- --account GROUP/NAME [options] [-- COMMAND ...]

Runs an emulator of the Azure endpoints that key rotation touches.

With a COMMAND, such as bash: runs it in the folder where npm was called, with variables that point Pulumi at the
emulator and at an empty folder for its stacks. When the command ends, the emulator stops, and its keys and those
stacks are deleted.

Without one: runs until it is interrupted. Prints one line of JSON:
{"url","caFile","accounts":[{"resourceGroup","name","endpoint"}],"environment":{...}}
where "environment" holds the variables that point a client at it.

  --account GROUP/NAME     an account that exists at the start; may be given several times
  --ca-file FILE           where to write the certificate that clients must trust (default: a temporary file)
  --azure-native           also plays the plugin of @pulumi/azure-native, as far as the programs in examples/ need it:
                           accounts, container apps, secrets in key vaults
  --port PORT              port to listen on; 0, the default, takes a free one
  --subscription ID        subscription of the accounts (default: made at run time)
  --client-id ID           service principal that may log in (default: made at run time)
  --client-secret SECRET   its secret (default: made at run time)
  --settings JSON          what is slow and what goes wrong: {"faults","latency","throttle","keyLag","readingLag","accounts"}
                           described in emulator/settings.ts
  --admin-token TOKEN      lets you change the settings while it runs, by PATCH <url>/emulator with this bearer token
  --help                   print this text
`;

interface AccountName {
  resourceGroup: string;
  name: string;
}

function parseAccount(account: string): AccountName {
  const [resourceGroup, name, ...rest] = account.split("/");
  if (!resourceGroup || !name || rest.length > 0) throw new Error(`--account must be GROUP/NAME, got "${account}"`);
  return { resourceGroup, name };
}

function readArguments() {
  const args = process.argv.slice(2);
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const { values } = parseArgs({
    args: args.slice(0, end),
    options: {
      "ca-file": { type: "string" },
      account: { type: "string", multiple: true, default: [] },
      "azure-native": { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      subscription: { type: "string" },
      "client-id": { type: "string" },
      "client-secret": { type: "string" },
      settings: { type: "string", default: "{}" },
      "admin-token": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  return { values, command: args.slice(end + 1) };
}

async function run(): Promise<void> {
  const { values, command } = readArguments();
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port must be a number from 0 to 65535, got "${values.port}"`);
  }
  const accounts = values.account.map(parseAccount);
  const settings = parseSettings(values.settings);
  const tls = await createCertificate();
  const emulator = createEmulator({
    tls,
    accounts,
    operations: [...new ContainerApps().operations, ...new VaultSecrets().operations],
    adminToken: values["admin-token"],
    subscriptions: [values.subscription ?? randomUUID()],
    clients: [
      {
        clientId: values["client-id"] ?? randomUUID(),
        clientSecret: values["client-secret"] ?? randomText(40),
      },
    ],
  });
  emulator.apply(settings);

  let azureNative: AzureNative | undefined;
  const folder = await mkdtemp(join(tmpdir(), "emulator-"));
  try {
    const caFile = values["ca-file"] === undefined ? join(folder, "ca.pem") : resolve(values["ca-file"]);
    await writeFile(caFile, withTrustedBefore(tls));
    emulator.listen(port, "localhost");
    await once(emulator, "listening");
    emulator.on("error", fail);
    const login = { ...emulator.environment(), NODE_EXTRA_CA_CERTS: caFile };
    if (values["azure-native"]) azureNative = await startAzureNative(login);
    const environment = { ...login, ...azureNative?.environment };
    const endpoints = accounts.map((account) => ({
      ...account,
      endpoint: emulator.endpoint(account.resourceGroup, account.name),
    }));
    if (command.length > 0) {
      process.stderr.write(greeting(emulator.url, command[0], endpoints));
      process.exitCode = await runCommand(command, sandboxVariables(environment, folder));
      process.stderr.write(`${command[0]} has ended: the emulator stops, and its keys and stacks are deleted.\n`);
    } else {
      // Before the line: whoever reads it may end this at once.
      const stopped = new Promise((stop) => {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
      });
      process.stdout.write(`${JSON.stringify({ url: emulator.url, caFile, accounts: endpoints, environment })}\n`);
      await stopped;
    }
  } finally {
    await azureNative?.stop();
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function greeting(url: string, command: string, accounts: readonly (AccountName & { endpoint: string })[]): string {
  return [
    `In this ${command}, Pulumi calls the emulator at ${url} instead of Azure.`,
    `Its stacks are deleted when ${command} ends.`,
    ...accounts.map(({ resourceGroup, name, endpoint }) => `Account ${resourceGroup}/${name}: ${endpoint}`),
    "",
  ].join("\n");
}

function fail(error: Error): void {
  process.stderr.write(`emulator: ${error.message}\n`);
  process.exitCode = 1;
}

run().catch(fail);
