import { outputOf } from "../scripts/childProcess";
import { exitWith } from "../scripts/exitWith";
import { InlineStack, type Run } from "../scripts/inlineStack";
import { type SubjectName, subjects } from "./subjects";

/** One command for a stack with a number of keys. */
export interface SubjectCommand {
  subject: SubjectName;
  accounts: readonly { resourceGroup: string; name: string }[];
  /** Where the stack keeps everything. */
  folder: string;
  /** Where the package is installed. */
  app: string;
  environment: Record<string, string>;
  /** What is handed to `--parallel`. @default what Pulumi does without it */
  parallel?: number;
  command: "up" | "preview" | "refresh";
  /** What the program declares. */
  rotationTrigger?: string;
  minimumOverlap?: string;
}

export type SubjectRun = Pick<Run, "span" | "steps">;

const millisecondsToCleanUp = 20_000;

/** Runs the command in a process of its own, so that the emulator in this one does not wait for the program. */
export async function runSubject(command: SubjectCommand): Promise<SubjectRun> {
  const args = ["--require", require.resolve("tsx/cjs"), __filename, JSON.stringify(command)];
  return JSON.parse(await outputOf(process.execPath, args, { cwd: command.app, grace: millisecondsToCleanUp }));
}

async function main(order: SubjectCommand): Promise<number> {
  const { subject, accounts, folder, app, environment, parallel, command, ...declared } = order;
  // tsx would look them up for every stack trace.
  process.setSourceMapsEnabled(false);
  const program = () => {
    for (const { resourceGroup, name } of accounts) {
      subjects[subject].declare(name, { resourceGroupName: resourceGroup, accountName: name, ...declared });
    }
    return undefined;
  };
  const stack = new InlineStack({ project: "keys", folder, environment, main: app, program });
  const { span, steps } = await (command === "up" ? stack.up(program, { parallel }) : stack[command]());
  process.stdout.write(JSON.stringify({ span, steps } satisfies SubjectRun));
  return 0;
}

if (require.main === module) exitWith(() => main(JSON.parse(process.argv[2])));
