import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { randomText } from "./accountKey";
import { createCertificate } from "./certificate";
import { createEmulator } from "./emulator";
import { parseSettings } from "./settings";

const usage = `Usage: npm run emulator -- --ca-file FILE --account GROUP/NAME [options]

Runs an emulator of the Azure endpoints that key rotation touches, until it is interrupted. Prints one line of JSON:
{"url","caFile","accounts":[{"resourceGroup","name","endpoint"}],"environment":{...}}
where "environment" holds the variables that point a client at it.

  --ca-file FILE           where to write the certificate that clients must trust (required)
  --account GROUP/NAME     an account that exists at the start; may be given several times
  --port PORT              port to listen on; 0, the default, takes a free one
  --subscription ID        subscription of the accounts (default: made at run time)
  --client-id ID           service principal that may log in (default: made at run time)
  --client-secret SECRET   its secret (default: made at run time)
  --settings JSON          what is slow and what goes wrong: {"faults","latency","throttle","keyLag","readingLag","accounts"}
                           (emulator/settings.ts)
  --admin-token TOKEN      lets PATCH <url>/emulator with this bearer token change the settings while it runs
  --help                   print this text
`;

function parseAccount(account: string): { resourceGroup: string; name: string } {
  const [resourceGroup, name, ...rest] = account.split("/");
  if (!resourceGroup || !name || rest.length > 0) throw new Error(`--account must be GROUP/NAME, got "${account}"`);
  return { resourceGroup, name };
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "ca-file": { type: "string" },
      account: { type: "string", multiple: true, default: [] },
      port: { type: "string", default: "0" },
      subscription: { type: "string" },
      "client-id": { type: "string" },
      "client-secret": { type: "string" },
      settings: { type: "string", default: "{}" },
      "admin-token": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  if (values["ca-file"] === undefined) throw new Error("--ca-file is required; --help lists the options");
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port must be a number from 0 to 65535, got "${values.port}"`);
  }
  const caFile = resolve(values["ca-file"]);
  const accounts = values.account.map(parseAccount);
  const settings = parseSettings(values.settings);
  const tls = await createCertificate();
  await writeFile(caFile, tls.cert);
  const emulator = createEmulator({
    tls,
    accounts,
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
  emulator.on("error", fail);
  emulator.listen(port, "localhost", () => {
    const started = {
      url: emulator.url,
      caFile,
      accounts: accounts.map(({ resourceGroup, name }) => ({
        resourceGroup,
        name,
        endpoint: emulator.endpoint(resourceGroup, name),
      })),
      environment: { ...emulator.environment(), NODE_EXTRA_CA_CERTS: caFile },
    };
    process.stdout.write(`${JSON.stringify(started)}\n`);
  });
  process.once("SIGINT", () => emulator.stop());
  process.once("SIGTERM", () => emulator.stop());
}

function fail(error: Error): void {
  process.stderr.write(`emulator: ${error.message}\n`);
  process.exitCode = 1;
}

run().catch(fail);
