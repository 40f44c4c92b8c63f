/** What `subjectProcess.ts` starts: one stack with a number of keys, in a process of its own, which does what it is told. */
import { obtainPulumiCli } from "../scripts/pulumiCli";
import { BenchStack, type CommandSpan } from "./benchStack";
import { type SubjectName, subjects } from "./subjects";

export interface StackSpec {
  subject: SubjectName;
  accounts: readonly { resourceGroup: string; name: string }[];
  /** Exists, and is where everything is kept. */
  folder: string;
  /** Where the package is installed. */
  app: string;
  environment: Record<string, string>;
  /** What is handed to `--parallel`. @default what Pulumi does without it */
  parallel?: number;
}

export type Command = "up" | "preview" | "refresh";

export interface Order {
  command: Command;
  /** What the program declares. */
  rotationTrigger?: string;
}

export type Reply = { span: CommandSpan } | { error: string };

process.setSourceMapsEnabled(false);
async function main({ subject, accounts, folder, app, environment, parallel }: StackSpec): Promise<void> {
  const { command } = await obtainPulumiCli();
  const stack = await BenchStack.create("keys", "bench", { command, folder, environment, main: app });
  const program = (rotationTrigger?: string) => async () => {
    for (const { resourceGroup, name } of accounts) {
      subjects[subject].declare(name, { resourceGroupName: resourceGroup, accountName: name, rotationTrigger });
    }
  };
  const run = ({ command, rotationTrigger }: Order): Promise<CommandSpan> => {
    if (command === "up") return stack.up(program(rotationTrigger), undefined, { parallel });
    if (command === "preview") return stack.preview(program(rotationTrigger));
    return stack.refresh();
  };
  const reply = (answer: Reply) => process.send?.(answer);
  process.on("message", (order: Order) => {
    run(order).then(
      (span) => reply({ span }),
      (error: Error) => reply({ error: error.message }),
    );
  });
  process.once("disconnect", () => process.exit());
  process.send?.("ready");
}

void main(JSON.parse(process.argv[2]));
