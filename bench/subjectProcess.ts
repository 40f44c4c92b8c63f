import { exitWith } from "../scripts/exitWith";
import { InlineStack, type Run } from "../scripts/inlineStack";
import { bytesOfResources } from "./bytesOfResources";
import { type Subject, type SubjectArgs, type SubjectName, subjects } from "./subjects";

/** One command for a stack with a number of keys. */
export interface SubjectCommand extends Pick<SubjectArgs, "rotationTrigger"> {
  minimumOverlap: string;
  subject: SubjectName;
  accounts: readonly { resourceGroup: string; name: string }[];
  /** Where the stack keeps everything but its state on a server. */
  folder: string;
  /** The URL of a server. @default a file backend in the folder */
  backend?: string;
  /** Where the package is installed. */
  app: string;
  environment: Record<string, string>;
  /** What is handed to `--parallel`. @default what Pulumi does without it */
  parallel?: number;
  command: "up" | "preview" | "refresh";
  /** Whether the state can be read afterwards. */
  isWeighed: boolean;
}

export interface SubjectRun extends Pick<Run, "span" | "steps"> {
  /** Of one key, on average. */
  stateBytesPerKey?: number;
}

/** The project of all stacks. */
export const project = "keys";

async function main(order: SubjectCommand): Promise<number> {
  const { subject, accounts, folder, backend, app, environment, parallel, command, isWeighed } = order;
  const { rotationTrigger, minimumOverlap } = order;
  const { Resource, rotatesBy, className }: Subject = subjects[subject];
  const program = () => {
    for (const { resourceGroup, name } of accounts) {
      new Resource(name, {
        ...{ resourceGroupName: resourceGroup, accountName: name, rotationTrigger },
        ...(rotatesBy === "update" && { minimumOverlap }),
      });
    }
    return undefined;
  };
  const stack = new InlineStack({ project, folder, backend, environment, main: app, program });
  const { span, steps } = await (command === "refresh"
    ? stack.refresh({ parallel })
    : stack[command](program, { parallel }));
  const run: SubjectRun = { span, steps };
  if (isWeighed) {
    const bytes = bytesOfResources(await stack.stored(), className);
    run.stateBytesPerKey = Math.round(bytes.reduce((sum, each) => sum + each, 0) / bytes.length);
  }
  process.stdout.write(JSON.stringify(run));
  return 0;
}

if (require.main === module) exitWith(() => main(JSON.parse(process.argv[2])));
