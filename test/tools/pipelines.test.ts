import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import {
  compiledPipeline,
  jobsOf,
  type Pipeline,
  pipelinesFolder,
  type Step,
  stepNamed,
  stepsOf,
} from "../support/pipelines";

const rotation = resolve(__dirname, "../../examples/rotation");
const rotate = compiledPipeline("rotate.yml");
const preview = compiledPipeline("preview.yml");
const deploy = compiledPipeline("deploy.yml");
const pipelines = { rotate, preview, deploy };

const scriptOf = ({ bash, inputs }: Step) => bash ?? (inputs?.inlineScript as string | undefined);

describe("examples/azure-pipelines", () => {
  const scripts = Object.values(pipelines)
    .flatMap(stepsOf)
    .flatMap((step) => scriptOf(step) ?? []);

  it("puts no macro and no expression into a script, where its value would be run as one", () => {
    for (const script of scripts) {
      assert.doesNotMatch(script, /\$\{\{|\$\[|\$\([\w.]+\)/);
    }
  });

  it("stops a script at its first failure, as Azure Pipelines does not", () => {
    for (const script of scripts.filter((text) => text.includes("\n"))) {
      assert.match(script, /^set -e(o pipefail)?\n/);
    }
  });

  it("names only files that are copied with it", () => {
    const named = scripts.flatMap((script) => script.match(/\brotation\/[\w.]+/g) ?? []);
    assert.deepEqual([...new Set(named)].sort(), ["rotation/bumpTrigger.mjs", "rotation/fleet.json"]);
    for (const file of named) {
      assert.ok(existsSync(join(rotation, "..", file)), file);
    }
    assert.deepEqual(readdirSync(pipelinesFolder).sort(), [
      "checkout.yml",
      "deploy.yml",
      "preview.yml",
      "rotate.yml",
      "stacks.yml",
    ]);
  });

  it("gives a token or a secret to the steps that need it, and to no other", () => {
    const given = Object.entries(pipelines).flatMap(([name, pipeline]) =>
      stepsOf(pipeline).flatMap(({ env = {}, ...step }) => {
        assert.doesNotMatch(JSON.stringify(step), /System\.AccessToken|PULUMI_ACCESS_TOKEN|persistCredentials/i);
        const secrets = Object.entries(env).filter(([, value]) => /TOKEN\)|AccessToken\)/.test(String(value)));
        return secrets.map(([variable]) => `${name}, ${step.displayName}: ${variable}`);
      }),
    );
    assert.deepEqual(
      [...new Set(given)],
      [
        "rotate, Open the pull request: AZURE_DEVOPS_EXT_PAT",
        "rotate, Open the pull request: GIT_CONFIG_VALUE_0",
        "preview, Preview: PULUMI_ACCESS_TOKEN",
        "preview, Put the previews on the pull request: SYSTEM_ACCESSTOKEN",
        "deploy, Check out main: GIT_CONFIG_VALUE_0",
        "deploy, Deploy: PULUMI_ACCESS_TOKEN",
      ],
    );
  });

  it("logs in to Azure, and takes the secrets of production, only where it deploys", () => {
    const connections = (pipeline: Pipeline) =>
      stepsOf(pipeline).flatMap(({ inputs }) => inputs?.azureSubscription ?? []);
    const groups = (pipeline: Pipeline) =>
      jobsOf(pipeline).flatMap(({ job, variables = [] }) => variables.map(({ group }) => `${job}: ${group}`));
    assert.deepEqual(connections(deploy), ["key-rotation", "key-rotation"]);
    assert.deepEqual(groups(deploy), ["stacks: key-rotation-production", "stacks: key-rotation-production"]);
    for (const pipeline of [preview, rotate]) {
      assert.deepEqual(connections(pipeline), []);
      assert.doesNotMatch(
        stepsOf(pipeline).map(scriptOf).join("\n"),
        /pulumi (up|update|refresh|destroy|import|state)\b/,
      );
    }
    assert.deepEqual(groups(preview), ["stacks: key-rotation-preview"]);
    assert.deepEqual(groups(rotate), []);
  });

  it("runs on the first of each month, on pull requests by a policy, and on what is merged", () => {
    assert.deepEqual(rotate.schedules, [
      { cron: "23 6 1 * *", displayName: "Rotate keys", branches: { include: ["main"] }, always: true },
    ]);
    assert.deepEqual([rotate.trigger, rotate.pr, preview.trigger, deploy.pr], ["none", "none", "none", "none"]);
    assert.deepEqual((deploy.trigger as { branches: unknown }).branches, { include: ["main"] });
  });

  it("bumps only what is on main: started by hand on another branch, it would propose that branch as well", () => {
    assert.equal(rotate.jobs?.[0].condition, "eq(variables['Build.SourceBranch'], 'refs/heads/main')");
  });

  it("deploys the producers first, the consumers when all of them are done, and one run at a time", () => {
    assert.deepEqual(
      deploy.stages?.map(({ stage, dependsOn, jobs }) => [stage, dependsOn, jobs.map(({ job }) => job)]),
      [
        ["producers", undefined, ["fleet", "stacks"]],
        ["consumers", "producers", ["fleet", "stacks"]],
      ],
    );
    assert.doesNotMatch(JSON.stringify(deploy), /always\(\)|succeededOrFailed|continueOnError/);
    assert.equal(deploy.lockBehavior, "sequential");
  });

  it("lets Pulumi work on more keys at a time than it does by itself, and on nothing else", () => {
    assert.deepEqual(
      deploy.stages?.map(({ variables }) => variables),
      [{ PULUMI_PARALLEL: 32 }, undefined],
    );
    assert.doesNotMatch(JSON.stringify([deploy.stages?.map(({ jobs }) => jobs), preview, rotate]), /PULUMI_PARALLEL/);
  });

  it("makes a job of each stack that fleet.json names, and none where it names none", () => {
    const parts = [...jobsOf(deploy), ...jobsOf(preview)].filter(({ job }) => job === "fleet");
    assert.deepEqual(
      parts.map(({ steps }) => steps.find(({ name }) => name === "read")?.env),
      [{ PART: "producers" }, { PART: "consumers" }, { PART: "producers" }],
    );
    for (const { dependsOn, condition, strategy } of [...jobsOf(deploy), ...jobsOf(preview)].filter(
      ({ job }) => job === "stacks",
    )) {
      assert.equal(dependsOn, "fleet");
      assert.equal(condition, "and(succeeded(), ne(dependencies.fleet.outputs['read.matrix'], '{}'))");
      assert.equal(strategy?.matrix, "$[ dependencies.fleet.outputs['read.matrix'] ]");
    }
  });

  it("deploys only what main is, and previews what the pull request is", () => {
    for (const { steps } of jobsOf(deploy)) {
      assert.deepEqual(
        steps.slice(0, 2).map(({ checkout, displayName }) => checkout ?? displayName),
        ["self", "Check out main"],
      );
    }
    assert.equal(
      stepsOf(preview).some(({ displayName }) => displayName === "Check out main"),
      false,
    );
  });

  it("comments where nothing of a pull request runs", () => {
    const comment = jobsOf(preview).find(({ job }) => job === "comment");
    assert.equal(comment?.dependsOn, "stacks");
    assert.deepEqual(
      comment?.steps.map(({ checkout, download, bash }) => checkout ?? download ?? bash?.match(/npm|node|pulumi/)),
      ["none", "current", null],
    );
  });

  describe("on a machine", function () {
    this.timeout(20_000);
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "pipelines-"));
      mkdirSync(join(folder, "bin"));
      mkdirSync(join(folder, "work"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const token = "a-token-for-tests";
    const read = (file: string) => readFileSync(join(folder, file), "utf8");
    const write = (file: string, text: string) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    /** A command that notes its arguments in `calls`, one call a line, and then runs `script`. */
    const command = (name: string, script = "") =>
      writeFileSync(join(folder, "bin", name), `#!/bin/bash\necho "${name} $*" >> "$CALLS"\n${script}\n`, {
        mode: 0o755,
      });
    const calls = () => (existsSync(join(folder, "calls")) ? read("calls").trim().split("\n") : []);

    /** Runs a step as the agent does, in `work`. */
    function run(step: Step, env: Record<string, string> = {}) {
      const { status, stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-c", scriptOf(step) as string], {
        cwd: join(folder, "work"),
        encoding: "utf8",
        env: {
          PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}`,
          HOME: folder,
          CALLS: join(folder, "calls"),
          ...env,
        },
      });
      assert.equal(`${stdout}${stderr}`.includes(token), false);
      return { status, stdout, stderr };
    }

    function git(...args: string[]): string {
      const { status, stdout, stderr } = spawnSync("git", args, {
        cwd: join(folder, "work"),
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: folder },
      });
      assert.equal(status, 0, stderr);
      return stdout.trim();
    }

    /** `work` becomes a clone in which `main` has one commit, with the given files. */
    function repository(files: Record<string, string>): void {
      for (const [name, text] of Object.entries(files)) write(`work/${name}`, text);
      git("init", "--quiet", "--bare", "--initial-branch=main", "../origin.git");
      git("init", "--quiet", "--initial-branch=main");
      git("remote", "add", "origin", "../origin.git");
      commit("First");
      git("push", "--quiet", "origin", "main");
    }

    function commit(message: string): void {
      git("add", ".");
      git("-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "--quiet", "--message", message);
    }

    /** As the agent sets the step's variables that name its token. */
    const withToken = ({ env = {} }: Step) =>
      Object.fromEntries(
        Object.entries(env).map(([name, value]) => [name, String(value).replace("$(System.AccessToken)", token)]),
      );

    it("reads the fleet into a matrix whose names are unique and plain", () => {
      const step = stepNamed(deploy, "Read the fleet");
      const producers = ["sub-a", "sub_a", `my-org/${"x".repeat(200)}`].map((stack) => ({
        project: "producer",
        stack,
      }));
      write("work/rotation/fleet.json", JSON.stringify({ producers, consumers: [] }));
      const matrix = (PART: string) => {
        const { status, stdout, stderr } = run(step, { PART });
        assert.equal(status, 0, stderr);
        return JSON.parse(stdout.replace("##vso[task.setvariable variable=matrix;isOutput=true]", ""));
      };
      assert.deepEqual(Object.values(matrix("producers")), producers);
      for (const name of Object.keys(matrix("producers"))) {
        assert.match(name, /^[A-Za-z]\w{0,99}$/);
      }
      assert.deepEqual(matrix("consumers"), {});
      write("work/rotation/fleet.json", "{}");
      assert.notEqual(run(step, { PART: "producers" }).status, 0);
    });

    it("checks out what main is by now, whatever the run began with", () => {
      repository({ a: "old" });
      write("work/a", "new");
      commit("Second");
      git("push", "--quiet", "origin", "main");
      git("checkout", "--quiet", "--detach", "HEAD~1");
      assert.equal(read("work/a"), "old");
      const step = stepNamed(deploy, "Check out main");
      assert.equal(run(step, withToken(step)).status, 0);
      assert.equal(read("work/a"), "new");
      assert.equal(read("work/.git/config").includes(token), false);
    });

    it("deploys with the identity of the service connection, and not at all without its subscription", () => {
      const step = stepNamed(deploy, "Deploy");
      command("az", "echo a-subscription");
      command("pulumi", "env | grep ^ARM_ | sort > arm");
      const identity = { servicePrincipalId: "a-client", tenantId: "a-tenant", idToken: token };
      const variables = { ...identity, PROJECT: "producer", STACK: "prod" };
      assert.equal(run(step, variables).status, 0);
      assert.deepEqual(calls(), [
        "az account show --query id --output tsv",
        "pulumi up --cwd producer --stack prod --yes --non-interactive",
      ]);
      assert.deepEqual(read("work/arm").trim().split("\n"), [
        "ARM_CLIENT_ID=a-client",
        `ARM_OIDC_TOKEN=${token}`,
        "ARM_SUBSCRIPTION_ID=a-subscription",
        "ARM_TENANT_ID=a-tenant",
        "ARM_USE_OIDC=true",
      ]);
      assert.equal(step.inputs?.addSpnToEnvironment, true);

      command("az", "exit 1");
      assert.notEqual(run(step, variables).status, 0);
      assert.equal(calls().at(-1), "az account show --query id --output tsv");
    });

    it("keeps what a preview prints, and fails as it does", () => {
      const step = stepNamed(preview, "Preview");
      command("pulumi", "echo to-stdout; echo to-stderr >&2; exit 3");
      const PREVIEW = join(folder, "preview.txt");
      assert.equal(run(step, { PROJECT: "producer", STACK: "prod", PREVIEW }).status, 3);
      assert.deepEqual(calls(), ["pulumi preview --cwd producer --stack prod --non-interactive --color never"]);
      assert.equal(read("preview.txt"), "producer, stack prod\n\nto-stdout\nto-stderr\n");
    });

    describe("the pull request", () => {
      const step = stepNamed(rotate, "Open the pull request");
      const open = (STACK = "all", known = "") =>
        run(step, {
          ...withToken(step),
          STACK,
          KNOWN: known,
          SYSTEM_COLLECTIONURI: "https://dev.azure.com/an-organization/",
          SYSTEM_TEAMPROJECT: "a project",
          BUILD_REPOSITORY_NAME: "a-repository",
        });
      const where =
        "--organization https://dev.azure.com/an-organization/ --project a project --repository a-repository";
      beforeEach(() => {
        command("az", 'if [ "$3" = list ]; then printf "%s" "$KNOWN"; fi');
        repository({ "producer/Pulumi.prod.yaml": "before\n", "consumer/Pulumi.prod.yaml": "before\n" });
      });

      it("is opened with the bumped files alone", () => {
        write("work/producer/Pulumi.prod.yaml", "after\n");
        write("work/consumer/Pulumi.prod.yaml", "after\n");
        const { status, stderr } = open();
        assert.equal(status, 0, stderr);
        assert.equal(git("diff", "--name-only", "origin/main", "origin/rotate-keys"), "producer/Pulumi.prod.yaml");
        const [list, create] = calls();
        assert.equal(
          list,
          `az repos pr list ${where} --source-branch rotate-keys --target-branch main --status active --query [].pullRequestId --output tsv`,
        );
        assert.ok(create.startsWith(`az repos pr create ${where} --source-branch rotate-keys --target-branch main `));
        assert.equal(read("calls").includes(token), false);
        assert.equal(read("work/.git/config").includes(token), false);
      });

      it("is updated while it is open, and has a branch of its own for a single stack", () => {
        write("work/producer/Pulumi.prod.yaml", "after\n");
        assert.equal(open("prod", "7").status, 0);
        git("checkout", "--quiet", "main");
        git("reset", "--quiet", "--hard", "origin/main");
        write("work/producer/Pulumi.prod.yaml", "later\n");
        assert.equal(open("prod", "7").status, 0);
        assert.equal(git("show", "origin/rotate-keys-prod:producer/Pulumi.prod.yaml"), "later");
        assert.deepEqual(
          calls().map((call) => call.split(" ")[3]),
          ["list", "list"],
        );
      });

      it("is not opened when no trigger has changed, or the push is refused", () => {
        assert.equal(open().status, 0);
        write("work/producer/Pulumi.prod.yaml", "after\n");
        git("remote", "set-url", "origin", "../nowhere.git");
        assert.notEqual(open().status, 0);
        assert.deepEqual(calls(), []);
      });
    });

    describe("the comment on a pull request", () => {
      const step = stepNamed(preview, "Put the previews on the pull request");
      const threads =
        "https://dev.azure.com/an-organization/a-project/_apis/git/repositories/a-repository/pullRequests/7/threads";
      const marker = "<!-- key-rotation-preview -->";

      function comment(previews: Record<string, string>, known: object[]): void {
        // Its standard input is the header with the token.
        command("curl", `cat >> headers\ncase "$*" in *--data*) ;; *) printf '%s' "$KNOWN" ;; esac`);
        for (const [artifact, text] of Object.entries(previews)) write(`workspace/${artifact}/preview.txt`, text);
        const { status, stderr } = run(step, {
          PIPELINE_WORKSPACE: join(folder, "workspace"),
          SYSTEM_COLLECTIONURI: "https://dev.azure.com/an-organization/",
          SYSTEM_TEAMPROJECTID: "a-project",
          BUILD_REPOSITORY_ID: "a-repository",
          PULL_REQUEST: "7",
          SYSTEM_ACCESSTOKEN: token,
          KNOWN: JSON.stringify({ value: known }),
        });
        assert.equal(status, 0, stderr);
        assert.equal(read("calls").includes(token), false);
        assert.equal(read("work/headers"), `Authorization: Bearer ${token}\n`.repeat(2));
      }
      const others = [
        { id: 1, isDeleted: false, comments: [{ id: 1, content: "Looks good" }] },
        { id: 2, isDeleted: true, comments: [{ id: 1, content: marker }] },
        { id: 3, isDeleted: false, comments: [{ id: 1 }] },
      ];

      it("is made once, with the last preview of each stack", () => {
        comment({ "preview-1-1": "a failed\n", "preview-1-2": "a\n", "preview-2-1": "b\n" }, others);
        assert.ok(calls()[1].endsWith(`--output /dev/null --data @thread.json ${threads}?api-version=7.1`));
        assert.deepEqual(JSON.parse(read("work/thread.json")), {
          comments: [{ content: `${marker}\n\`\`\`\`\na\n\`\`\`\`\n\`\`\`\`\nb\n\`\`\`\`\n`, commentType: "text" }],
          status: "closed",
        });
      });

      it("is changed later, and cut to what Azure Repos takes", () => {
        const ours = { id: 41, isDeleted: false, comments: [{ id: 5, content: `${marker}\nold` }] };
        comment({ "preview-1-1": "x".repeat(200_000) }, [...others, ours, { ...ours, id: 42 }]);
        assert.ok(calls()[1].endsWith(`--request PATCH --data @comment.json ${threads}/41/comments/5?api-version=7.1`));
        assert.equal(JSON.parse(read("work/comment.json")).content.length, 100_000);
      });
    });
  });
});
