import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { compiledPipeline, type Step, stepNamed } from "../support/pipelines";

const root = resolve(__dirname, "../..");
const examples = join(root, "examples");

/** As `pulumi config set` writes it, with what a person may add. The ciphertexts are made up. */
const configured = `# who owns this: the platform team
encryptionsalt: v1:AAAAAAAAAAA=:v1:BBBBBBBBBBBBBBBB:CCCCCCCCCCCCCCCCCCCCCCCCCCCCCC==

config:
  azure-native:subscriptionId: 00000000-0000-0000-0000-000000000000   # test
  producer:accountName:   "my-account"
  producer:rotationTrigger: 2026-11 # bumped every month
  producer:token:
    secure: v1:DDDDDDDDDDDDDDDD:EEEEEEEEEEEEEEEEEEEEEEEEEE==
  producer:note: |
    producer:rotationTrigger: 2020-01
`;
const bumped = configured.replace("2026-11", "2026-12");

/** A repository with the copied folder, in which the script finds `yaml` as after `npm ci`. */
class Repository {
  readonly folder = mkdtempSync(join(tmpdir(), "bump-trigger-"));

  constructor() {
    cpSync(join(examples, "rotation"), join(this.folder, "rotation"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.folder, "rotation", "node_modules"), "dir");
    this.write("producer/Pulumi.yaml", "name: producer\nruntime: nodejs\n");
  }

  write(file: string, text: string | Buffer): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  bump(...args: string[]) {
    return this.run(process.execPath, ["rotation/bumpTrigger.mjs", ...args]);
  }

  run(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
    const options = {
      cwd: this.folder,
      encoding: "utf8",
      env: { ...process.env, NODE_V8_COVERAGE: undefined, ...env },
    } as const;
    const { status, stdout, stderr } = spawnSync(command, args, options);
    return { status, stdout, stderr };
  }
}

describe("bumpTrigger.mjs", function () {
  this.timeout(20_000);
  const file = "producer/Pulumi.prod.yaml";
  let repository: Repository;
  beforeEach(() => {
    repository = new Repository();
  });
  afterEach(() => rmSync(repository.folder, { recursive: true }));

  /** All in one run, which tells each file's reason by itself. */
  const refuses = (files: [text: string | Buffer, reason: RegExp][], ...args: string[]) => {
    const names = files.map((_, index) => `producer/Pulumi.${index}.yaml`);
    files.forEach(([text], index) => {
      repository.write(names[index], text);
    });
    const { status, stdout, stderr } = repository.bump("--month", "2026-12", ...args, ...names);
    assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
    const lines = stderr.split("\n");
    files.forEach(([text, reason], index) => {
      assert.ok(lines[index].startsWith(`${names[index]}: `), stderr);
      assert.match(lines[index], reason);
      assert.deepEqual(readFileSync(join(repository.folder, names[index])), Buffer.from(text));
    });
    assert.deepEqual(lines.slice(files.length), ["Nothing was written.", ""]);
  };

  it("changes the trigger and no other byte, and a second time nothing", () => {
    repository.write(file, configured);

    const first = repository.bump("--month", "2026-12", file);
    assert.deepEqual(first, { status: 0, stdout: `${file}: 2026-11 -> 2026-12\n`, stderr: "" });
    assert.equal(repository.read(file), bumped);

    const second = repository.bump("--month", "2026-12", file);
    assert.deepEqual(second, { status: 0, stdout: `${file}: unchanged, is at 2026-12\n`, stderr: "" });
    assert.equal(repository.read(file), bumped);
  });

  it("keeps quotes, line breaks, a byte order mark and the missing end of the last line", () => {
    for (const text of [
      "config:\n  producer:rotationTrigger: '2026-11'\n",
      'config:\r\n  "producer:rotationTrigger": "2026-11"\r\n  producer:other: ü\r\n',
      "\ufeffconfig:\n  rotationTrigger: 2026-11",
      'config: {"producer:rotationTrigger": "2026-11", "producer:other": "2026-11"}\n',
      "---\nconfig:\n    producer:rotationTrigger: !!str 2026-11\n...\n",
    ]) {
      repository.write(file, text);
      assert.equal(repository.bump("--month=2026-12", file).status, 0);
      assert.equal(repository.read(file), text.replace("2026-11", "2026-12"));
    }
  });

  it("leaves a trigger that names the month with more, or a later month", () => {
    for (const trigger of ["2026-11-leak", "2026-12", "2027-01"]) {
      const text = configured.replace("2026-11", trigger);
      repository.write(file, text);
      const { status, stdout } = repository.bump("--month", "2026-11", file);
      assert.deepEqual({ status, stdout }, { status: 0, stdout: `${file}: unchanged, is at ${trigger}\n` });
      assert.equal(repository.read(file), text);
    }
  });

  it("goes on from a month with more, and over the end of a year", () => {
    repository.write(file, configured.replace("2026-11", "2026-12-leak"));
    assert.equal(repository.bump("--month", "2027-01", file).status, 0);
    assert.equal(repository.read(file), configured.replace("2026-11", "2027-01"));
  });

  it("takes the present month in UTC when none is given", () => {
    repository.write(file, configured.replace("2026-11", "2001-01"));
    const months = [new Date().toISOString().slice(0, 7)];
    const { status } = repository.run(process.execPath, ["rotation/bumpTrigger.mjs", file], {
      TZ: "Pacific/Kiritimati",
    });
    months.push(new Date().toISOString().slice(0, 7));
    assert.equal(status, 0);
    assert.ok(months.includes(parse(repository.read(file)).config["producer:rotationTrigger"]));
  });

  it("bumps the stacks of the fleet when no file is given, and only those", () => {
    const producers = ["prod", "my-org/sub-a", "sub-b"].map((stack) => ({ project: "producer", stack }));
    repository.write("rotation/fleet.json", JSON.stringify({ producers, consumers: [] }));
    for (const stack of ["prod", "sub-a", "sub-b", "mine"]) {
      repository.write(`producer/Pulumi.${stack}.yaml`, stack === "sub-b" ? bumped : configured);
    }
    const { status, stdout } = repository.bump("--month", "2026-12");
    assert.deepEqual(
      { status, stdout },
      {
        status: 0,
        stdout: [
          "producer/Pulumi.prod.yaml: 2026-11 -> 2026-12",
          "producer/Pulumi.sub-a.yaml: 2026-11 -> 2026-12",
          "producer/Pulumi.sub-b.yaml: unchanged, is at 2026-12",
          "",
        ].join("\n"),
      },
    );
    assert.equal(repository.read("producer/Pulumi.sub-a.yaml"), bumped);
    assert.equal(repository.read("producer/Pulumi.mine.yaml"), configured);
  });

  it("writes no file of many when one of them is refused, and names each that is", () => {
    repository.write("a.yaml", configured);
    repository.write("b.yaml", "config: [\n");
    const { status, stdout, stderr } = repository.bump("--month", "2026-12", "a.yaml", "b.yaml", "missing.yaml");
    assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
    assert.match(stderr, /^b\.yaml: is not YAML: .*\nmissing\.yaml: ENOENT: .*\nNothing was written\.\n$/);
    assert.equal(repository.read("a.yaml"), configured);
  });

  it("refuses a file without a trigger instead of inventing one", () => {
    const texts = [
      "config:\n  producer:accountName: a\n",
      "",
      "encryptionsalt: v1:AA==\n",
      "- config\n",
      "rotationTrigger: 2026-11\n",
      "config:\n  producer:nested:\n    rotationTrigger: 2026-11\n",
      "config:\n  producer:a:rotationTrigger: 2026-11\n",
      "config: |\n  producer:rotationTrigger: 2026-11\n",
    ];
    refuses(texts.map((text) => [text, /has no rotationTrigger under config; --add sets one/]));
  });

  it("adds one when it is asked to, below the line of config and with nothing else changed", () => {
    for (const [before, after] of [
      [
        "config: # mine\n    # the name\n    producer:accountName: a",
        "config: # mine\n    +\n    # the name\n    producer:accountName: a",
      ],
      ["a: 1\r\nconfig:\r\n  b:c: d\r\n", "a: 1\r\nconfig:\r\n  +\r\n  b:c: d\r\n"],
    ]) {
      repository.write(file, before);
      assert.deepEqual(repository.bump("--month", "2026-12", "--add", file), {
        status: 0,
        stdout: `${file}: no trigger -> 2026-12\n`,
        stderr: "",
      });
      assert.equal(repository.read(file), after.replace("+", "producer:rotationTrigger: 2026-12"));
      assert.equal(parse(repository.read(file)).config["producer:rotationTrigger"], "2026-12");
    }
  });

  it("adds none where there is no block of settings, or no project whose setting it would be", () => {
    const noBlock = /no block of settings/;
    refuses(
      [
        ["config: {}\n", noBlock],
        ["config: {a: 1}\n", noBlock],
        ["encryptionsalt: v1:AA==\n", noBlock],
      ],
      "--add",
    );
    repository.write("producer/Pulumi.yaml", "runtime: nodejs\n");
    refuses([["config:\n  producer:a: 1\n", /names no project/]], "--add");
  });

  it("refuses a trigger that is no month, is a secret, or is not written as one value", () => {
    const words = ["", '""', "7", "2026", "202611", "2026-13", "2026-111", "incident", "true"];
    const forms = ["\n    secure: v1:AA==", "[2026-11]", "|\n    2026-11", "&month 2026-11"];
    refuses(
      [...words, ...forms].map((value) => [
        `config:\n  producer:rotationTrigger: ${value}\n`,
        /a rotationTrigger that is no month such as 2026-11/,
      ]),
    );
  });

  it("refuses what it cannot read with certainty", () => {
    const line = "  producer:rotationTrigger: 2026-11\n";
    refuses([
      [`config:\n${line}${line}`, /is not YAML: Map keys must be unique/],
      [`config:\n${line}  consumer:rotationTrigger: 2026-11\n`, /has 2 triggers: producer:.*, consumer:/],
      [`config:\n${line}---\nconfig:\n${line}`, /more than one YAML document/],
      [`config:\n${line}\ta: b\n`, /is not YAML/],
      [`config:\n${line}  a: "b\n`, /is not YAML/],
      [Buffer.concat([Buffer.from(`config:\n${line}  a: `), Buffer.from([0xff, 0x0a])]), /utf-8/i],
    ]);
  });

  it("tells wrong arguments by status 2", () => {
    repository.write(file, configured);
    for (const args of [
      ["--month", "2026-13"],
      ["--month", "2026-12-x"],
      ["--month", "dec"],
      ["--month"],
      ["--what"],
    ]) {
      const { status, stdout, stderr } = repository.bump(...args, file);
      assert.deepEqual({ status, stdout }, { status: 2, stdout: "" });
      assert.ok(stderr.length > 0);
    }
    repository.write("rotation/fleet.json", '{ "producers": [], "consumers": [] }');
    assert.match(repository.bump().stderr, /fleet\.json names no producer/);
    assert.equal(repository.read(file), configured);
  });

  const onGitHub = parse(readFileSync(join(examples, "github-actions/.github/workflows/rotate.yml"), "utf8"));
  const githubStep = onGitHub.jobs["pull-request"].steps.find(({ name }: Step) => name === "Bump the triggers");
  const azureStep = stepNamed(compiledPipeline("rotate.yml"), "Bump the triggers");

  for (const { service, script, shell, present } of [
    // GitHub runs a step without `shell` as `bash -e`, and gives an input that is not set as an empty variable.
    { service: "GitHub Actions", script: githubStep.run, shell: ["-e"], present: { MONTH: "", STACK: "" } },
    {
      service: "Azure Pipelines",
      script: azureStep.bash,
      shell: ["--noprofile", "--norc"],
      present: azureStep.env as Record<"MONTH" | "STACK", string>,
    },
  ]) {
    describe(`as ${service} runs it`, () => {
      const bump = (inputs: { MONTH?: string; STACK?: string }) =>
        repository.run("bash", [...shell, "-c", script], { ...present, ...inputs });

      it("takes the fleet and the present month on schedule, and what is asked for by hand", () => {
        repository.write(file, configured);
        repository.write("producer/Pulumi.other.yaml", configured);
        assert.equal(bump({ MONTH: "2026-12", STACK: "other" }).status, 0);
        assert.equal(repository.read("producer/Pulumi.other.yaml"), bumped);
        assert.equal(repository.read(file), configured);

        repository.write(file, configured.replace("2026-11", "2001-01"));
        assert.match(bump({}).stdout, /^producer\/Pulumi\.prod\.yaml: 2001-01 -> 2\d{3}-\d\d\n$/);
      });

      it("runs nothing that an input says", () => {
        repository.write(file, configured);
        for (const text of ['"; touch ran; "', "$(touch ran)", "`touch ran`", "--add"]) {
          assert.equal(bump({ MONTH: text }).status, 2);
          assert.equal(bump({ STACK: text, MONTH: "2026-12" }).status, 1);
        }
        assert.equal(existsSync(join(repository.folder, "ran")), false);
        assert.equal(repository.read(file), configured);
      });
    });
  }
});
