import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { addStack, type BenchmarkData, benchmarkJson, findCell, spreadOf } from "../../bench/benchmarkData";
import { readOptions } from "../../bench/benchmarkOptions";
import { benchmarkPages } from "../../bench/benchmarkPage";
import { subjects } from "../../bench/subjects";

const root = resolve(__dirname, "../..");
const published = (): BenchmarkData => JSON.parse(readFileSync(join(root, "docs/benchmark.json"), "utf8"));

describe("the benchmark", () => {
  it("has made all figures that are published", () => {
    for (const [file, content] of Object.entries(benchmarkPages())) {
      assert.equal(readFileSync(join(root, file), "utf8"), content, `${file} is not what docs/benchmark.json gives`);
    }
  });

  it("publishes figures of several rounds with 1, 10, 100 and 400 keys", () => {
    const { rounds, cells } = published();
    assert.ok(rounds >= 2);
    assert.deepEqual(
      [...new Set(cells.map(({ keys }) => keys))].sort((a, b) => a - b),
      [1, 10, 100, 400],
    );
    const measured = cells.filter(({ conditions }) => conditions === "recorded" || conditions === "no latency");
    assert.ok(measured.length > 0 && measured.every(({ seconds }) => seconds.length === rounds));
  });

  it("publishes that an unchanged up and a preview call nobody, and that a rotation is one write for each key", () => {
    for (const { subject, keys, measure, calls } of published().cells) {
      if (measure === "unchanged up" || measure === "preview of a rotation") assert.deepEqual(calls, { token: 0 });
      if (measure === "rotation" && (subject === "pair" || subject === "single")) {
        assert.deepEqual(calls, { regenerateKey: keys, token: 1 });
      }
    }
  });

  it("tells how long ARM's limit holds a rotation back, with an overlap and without one", () => {
    // One call for each pair without an overlap, two with one; 200 at once, then 10 a second.
    const page = readFileSync(join(root, "docs/scaling.md"), "utf8");
    assert.match(page, /^\| pairs in one stack \| .* \| ARM's limit, `PT0S` \| ARM's limit, default \|/m);
    assert.match(page, /^\| 100 \| [\d.]+ s \| \d+ ms \| 0\.00 s \| 0\.00 s \|/m);
    assert.match(page, /^\| 400 \| [\d.]+ s \| \d+ ms \| 20\.0 s \| 60\.0 s \|/m);
    assert.match(page, /^\| 400 in one subscription, .* \| at least 60\.0 s \|$/m);
    assert.match(page, /^\| 5 000 in one subscription, .* \| at least 16\.3 minutes \(8\.00 with `"PT0S"`\) \|$/m);
  });

  it("writes what it reads, with a line for each entry", () => {
    const text = readFileSync(join(root, "docs/benchmark.json"), "utf8");
    assert.equal(benchmarkJson(published()), text);
    assert.equal(text.match(/^ {4}\{"subject":/gm)?.length, published().cells.length);
  });

  it("gives the median, the least and the most", () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
    assert.deepEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 });
  });

  it("collects rounds, and refuses one that made other calls than the last", () => {
    const data = { cells: [] } as unknown as BenchmarkData;
    const kind = { subject: "pair", keys: 1, backend: "file", conditions: "recorded" } as const;
    const stack = (seconds: number, regenerateKey: number) => [
      {
        ...{ measure: "rotation" as const, seconds, cpuSeconds: 1, peakMemoryMB: 100 },
        ...{ calls: { regenerateKey }, stateBytesPerKey: 2500 },
      },
    ];
    addStack(data, kind, stack(2, 1));
    addStack(data, kind, stack(3, 1));
    const cell = findCell(data, { ...kind, measure: "rotation" });
    assert.deepEqual(cell?.seconds, [2, 3]);
    assert.equal(cell?.stateBytesPerKey, 2500);
    assert.throws(() => addStack(data, kind, stack(2, 2)), /"regenerateKey":2.* and before/);
  });

  it("takes its options from the command line", () => {
    assert.deepEqual(readOptions([]), {
      keys: [1, 10, 100, 400],
      subjects: Object.keys(subjects),
      rounds: 3,
      latency: { regenerateKey: 100, listKeys: 30 },
      json: undefined,
    });
    const some = ["--subjects", "pair,pluginPair"];
    const given = [
      "--keys",
      "20,5,5",
      ...some,
      "--rounds",
      "1",
      "--regenerate-key",
      "0",
      "--list-keys",
      "7",
      "--json",
      "a",
    ];
    assert.deepEqual(readOptions(given), {
      keys: [5, 20],
      subjects: ["pair", "pluginPair"],
      rounds: 1,
      latency: { regenerateKey: 0, listKeys: 7 },
      json: resolve("a"),
    });
    assert.equal(readOptions(["--help"]), "help");
    assert.throws(() => readOptions(["--keys", "0"]), /--keys must be made of whole numbers from 1 to 1000, got "0"/);
    assert.throws(() => readOptions(["--keys", "1,"]), /--keys must .*, got ""/);
    assert.throws(() => readOptions(["--subjects", "fast"]), /--subjects must be made of .*pair.*, got "fast"/);
    assert.throws(() => readOptions(["--rounds", "1.5"]), /--rounds must .*, got "1.5"/);
    assert.throws(() => readOptions(["--fast"]), /Unknown option '--fast'/);
  });
});
