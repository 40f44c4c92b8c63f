import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { backendAt } from "../../scripts/backend";
import { pluginFolder } from "../../scripts/buildPlugin";
import { outputOf } from "../../scripts/childProcess";
import { startEmulator } from "../support/emulator";
import { plugin } from "../support/forms";
import { contents, findLeaks } from "../support/leaks";
import { projectFolder } from "../support/project";
import { pythonWith } from "../support/python";
import { account, group, name, regeneratedSlots, seeded } from "../support/scenario";

/** The version of `pulumi` on PyPI. */
const sdkVersion = "3.248.0";

/** A program and what deploys it, in one process that needs no language host. It prints what each command did. */
const script = `
import json, os, sys
import pulumi
from pulumi import automation

class Pair(pulumi.CustomResource):
    def __init__(self, name, **inputs):
        super().__init__("${plugin.typeOf("RotatingCognitiveAccountKeyPair")}", name, {**inputs, "key": None, "keyName": None})

def program():
    pair = Pair("pair", resourceGroupName="${group}", accountName="${name}", rotationTrigger=pulumi.Config().get_secret("trigger"))
    pulumi.export("key", pair.key)
    pulumi.export("keyName", pair.keyName)

settings = automation.ProjectSettings(name="producer", runtime="python")
stack = automation.create_stack(os.environ["STACK"], "producer", program, opts=automation.LocalWorkspaceOptions(project_settings=settings))

def say(command):
    steps = {}
    def count(event):
        step = event.resource_pre_event and event.resource_pre_event.metadata
        if step and not step.type.startswith("pulumi:providers:"):
            steps[step.op.value] = steps.get(step.op.value, 0) + 1
    outputs = getattr(command(on_event=count), "outputs", {})
    shown = {name: {"value": output.value, "secret": output.secret} for name, output in outputs.items()}
    print(json.dumps({"steps": steps, "outputs": shown}), flush=True)

say(stack.up)
say(stack.up)
stack.set_config("trigger", automation.ConfigValue("a trigger that is secret", secret=True))
say(stack.up)
say(stack.destroy)
if "E2E_BACKEND_URL" in os.environ:
    stack.workspace.remove_stack(os.environ["STACK"])
`;

describe("a program in Python", () => {
  it("adopts, is unchanged, rotates at a secret trigger, publishes a secret and is destroyed", async function () {
    const folder = projectFolder({ "deploy.py": script });
    const python = (await pythonWith(`pulumi==${sdkVersion}`, folder)) ?? this.skip();
    const emulator = await startEmulator(seeded);
    const before = account(emulator).key1;
    const place = backendAt(process.env.E2E_BACKEND_URL ?? folder);
    const printed = await outputOf(python, ["deploy.py"], {
      cwd: folder,
      env: {
        ...process.env,
        ...emulator.environment(),
        PATH: [pluginFolder, process.env.PATH].join(delimiter),
        ...place.environment,
        STACK: place.nameFor("dev", folder),
        PULUMI_HOME: join(folder, "home"),
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    });
    const [created, unchanged, rotated, destroyed] = printed
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
    assert.deepEqual(created.steps, { create: 2 }, "the pair and the stack");
    assert.deepEqual(created.outputs.key, { value: before, secret: true });
    assert.deepEqual(unchanged.steps, { same: 2 });
    assert.deepEqual(rotated.steps, { same: 1, update: 1 });
    assert.deepEqual(rotated.outputs.key, { value: account(emulator).key2, secret: true });
    assert.deepEqual(rotated.outputs.keyName, { value: "Key2", secret: false });
    assert.deepEqual(destroyed.steps, { delete: 2 });
    assert.deepEqual(regeneratedSlots(emulator), ["Key2"]);
    // What a server keeps is nowhere to be read.
    if (process.env.E2E_BACKEND_URL) return;
    const secrets = [...emulator.secrets, "a trigger that is secret"];
    assert.deepEqual(findLeaks(contents(join(folder, ".pulumi")), secrets), []);
  });
});
