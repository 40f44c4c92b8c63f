import { copyFileSync, cpSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { spawn } from "@lydell/node-pty";
import { Terminal } from "@xterm/headless";
import type { Asciicast } from "../../../scripts/asciicast";
import { findInPath } from "../../../scripts/findInPath";
import { obtainPulumiCli } from "../../../scripts/pulumiCli";
import { startEmulator } from "../../support/emulator";
import { newFolder, Project, projectFolder } from "../../support/project";

const root = resolve(__dirname, "../../..");
const resourceGroup = "my-group";
const accountName = "my-account";
const size = { cols: 100, rows: 34 };

/** What is typed, in the folder of the producer. */
const session = [
  "key=$(pulumi stack output key --show-secrets)  # what a client has",
  "pulumi config set rotationTrigger 2026-11  # the change that rotates",
  "pulumi preview",
  "pulumi up --yes --skip-preview",
  `curl -so /dev/null -w '%{http_code}\\n' -H "api-key: $key" $models  # the client's key still works`,
  "cd ../consumer && pulumi up --yes --skip-preview  # now the consumer gets the new key",
];

/** Types each line word by word, a comment in grey, runs it, and leaves time to read. */
const shell = `
  set -ef
  for line in "$@"; do
    printf '$ '
    sleep 0.5
    for word in $line; do
      if [ "$word" = "#" ]; then printf '\\033[90m'; fi
      printf '%s ' "$word"
      sleep 0.15
    done
    printf '\\033[0m\\n'
    eval "$line"
    sleep 2
  done
`;

/** Rotates the key of the examples' producer in a real terminal. */
export async function recordSession(): Promise<{ cast: Asciicast; secrets: ReadonlySet<string> }> {
  const emulator = await startEmulator({ accounts: [{ resourceGroup, name: accountName, kind: "AIServices" }] });
  const folder = projectFolder({});
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir");
  // A server has longer names of stacks, and more to say.
  const backend = newFolder("backend");
  const example = async (name: string, settings: Record<string, string>) => {
    mkdirSync(join(folder, name));
    for (const file of ["Pulumi.yaml", "package.json", "tsconfig.json", "index.ts"]) {
      cpSync(join(root, "examples", name, file), join(folder, name, file));
    }
    const project = new Project(emulator, join(folder, name), backend);
    await project.up(settings);
    return project;
  };
  const endpoint = emulator.endpoint(resourceGroup, accountName);
  const producer = await example("producer", { resourceGroupName: resourceGroup, accountName });
  await example("consumer", { producer: producer.reference(), endpoint: String(endpoint) });

  const output: Asciicast["output"] = [];
  const started = Date.now();
  const terminal = spawn("bash", ["-c", shell, "bash", ...session], {
    ...size,
    name: "xterm-256color",
    cwd: join(folder, "producer"),
    env: {
      ...producer.environment,
      PATH: [besideItsLanguageHost(folder, producer.environment.PATH), producer.environment.PATH].join(delimiter),
      models: String(new URL("openai/models?api-version=2024-10-21", endpoint)),
      CURL_CA_BUNDLE: process.env.EMULATOR_CERT_FILE,
      // Elsewhere than in CI the display is the one for people.
      PULUMI_DISABLE_CI_DETECTION: "true",
    },
  });
  // The CLI asks a terminal where its cursor is, and waits some seconds for one that does not answer.
  const answering = new Terminal({ ...size, allowProposedApi: true });
  answering.onData((answer) => terminal.write(answer));
  terminal.onData((text) => {
    output.push([(Date.now() - started) / 1000, "o", text]);
    answering.write(text);
  });
  await new Promise<void>((ended, failed) => {
    terminal.onExit(({ exitCode }) => (exitCode === 0 ? ended() : failed(new Error(`bash ended with ${exitCode}`))));
  });
  const { version } = await obtainPulumiCli();
  return {
    cast: {
      header: {
        version: 2,
        width: size.cols,
        height: size.rows,
        title: "A key is rotated: the client's key still works, and the consumer gets the new key",
        env: { PULUMI_VERSION: version },
      },
      output,
    },
    secrets: emulator.secrets,
  };
}

/** A folder with the CLI, the stand-in for the Node language host and all else: the engine warns of what lies elsewhere. */
function besideItsLanguageHost(folder: string, path = ""): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  if (process.env.LANGUAGE_HOST_FOLDER === undefined) return bin;
  for (const program of ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]) {
    copyFileSync(findInPath(program, path) as string, join(bin, program));
  }
  return bin;
}
