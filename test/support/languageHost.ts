/**
 * Stands in for `pulumi-language-nodejs`, the launcher with which the engine runs a stand-alone Node project. Only the
 * official CLI brings it along, and a CLI that was built from its Go modules cannot run such a project without it.
 *
 * What makes a project's program run the way it does (ts-node and which TypeScript, automatic ESM, where its main file
 * is) happens in `@pulumi/pulumi/cmd/run` of the project itself. The launcher starts that with the engine's addresses and
 * the stack's configuration, and so does this. It leaves out what no test here needs: the monitor proxy for synchronous
 * invokes, the search of `node_modules` for plugins to download, `pulumi install`, debuggers.
 *
 * Prints the port that the engine is to connect to, and ends with whoever holds the other end of its stdin.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { GetRequiredPackagesResponse, type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";

/** The status with which `cmd/run` says that it has told the person all there is to tell. */
const alreadyExplained = 32;
/** Behind what `--logflow` and `--tracing` put in front. */
const engine = process.argv.at(-1);

async function run(request: RunRequest): Promise<RunResponse> {
  const response = new RunResponse();
  const info = request.getInfo();
  if (info === undefined) return response.setError("this engine is too old for the stand-in: it names no program");
  const folder = info.getProgramDirectory();
  const { typescript = true, ...others } = info.getOptions()?.toJavaScript() ?? {};
  if (Object.keys(others).length > 0)
    return response.setError(`the stand-in knows no option ${Object.keys(others)} of the runtime`);
  const named = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info.getRootDirectory(),
    stack: request.getStack(),
    pwd: folder,
    parallel: String(request.getParallel()),
  };
  const program = spawn(
    "node",
    [
      createRequire(join(folder, "/")).resolve("@pulumi/pulumi/cmd/run"),
      ...Object.entries(named).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      info.getEntryPoint(),
      ...request.getArgsList(),
    ],
    {
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        ...(typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
      },
    },
  );
  process.on("exit", () => program.kill());
  const code = await new Promise((resolve, reject) => program.on("error", reject).on("exit", resolve));
  if (code === alreadyExplained) return response.setBail(true);
  return code === 0 ? response : response.setError(`Program exited with non-zero exit code: ${code}`);
}

const server = new Server();
server.addService(LanguageRuntimeService, {
  run({ request }: ServerUnaryCall<RunRequest, RunResponse>, answer: sendUnaryData<RunResponse>) {
    run(request).then((response) => answer(null, response), answer);
  },
  getRequiredPackages(_call: unknown, answer: sendUnaryData<GetRequiredPackagesResponse>) {
    answer(null, new GetRequiredPackagesResponse());
  },
  getPluginInfo(_call: unknown, answer: sendUnaryData<PluginInfo>) {
    answer(null, new PluginInfo().setVersion("0.0.0"));
  },
});
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
process.stdin.on("end", () => process.exit()).resume();
