import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DOMParser } from "@xmldom/xmldom";
import { startScript } from "./script";

const keyOfAnAccount = /[A-Za-z0-9]{52}JQQJ99/;
const lag = 1;

const startBench = (...args: string[]) => startScript("bench/availability.ts", ...args);

describe("npm run bench:availability", () => {
  it("counts no refused request for the pair, and an outage longer than the lag for the others", async function () {
    // Twelve deployments, on a machine that runs other tests too.
    this.timeout(360_000);
    const bench = startBench("--rate", "20", "--lag", String(lag), "--json", "figures.json", "--svg", "picture.svg");
    assert.equal(await bench.ended, 0, bench.printed());

    const figures = readFileSync(join(bench.folder, "figures.json"), "utf8");
    const { designs } = JSON.parse(figures);
    const [pair, single, documented] = designs;
    assert.deepEqual(
      [pair.name, single.name, documented.name],
      ["Key pair", "Single key", "Provider from Pulumi's guide"],
    );
    for (const design of designs) {
      assert.ok(design.requests >= 60, `${design.name}: ${design.requests} requests`);
      assert.equal(design.regenerations, 1, design.name);
      assert.ok(design.consumerUp.from - design.producerUp.to >= lag - 0.01, design.name);
    }
    assert.equal(pair.failures, 0);
    assert.equal(pair.outageSeconds, 0);
    for (const design of [single, documented]) {
      assert.ok(design.failures > 0, design.name);
      assert.ok(design.outageSeconds > lag, `${design.name}: ${design.outageSeconds} s`);
      assert.deepEqual(
        design.stretches.map(({ accepted }: { accepted: boolean }) => accepted),
        [true, false, true],
      );
    }

    const picture = readFileSync(join(bench.folder, "picture.svg"), "utf8");
    const faults: string[] = [];
    const document = new DOMParser({ onError: (_level, message) => faults.push(message) }).parseFromString(
      picture,
      "image/svg+xml",
    );
    assert.deepEqual(faults, []);
    const texts = [...document.getElementsByTagName("text")].map(({ textContent }) => textContent);
    for (const { name, resource } of designs) {
      assert.ok(texts.includes(name), name);
      assert.ok(texts.includes(resource), resource);
    }
    for (const text of [bench.printed(), figures, picture]) assert.doesNotMatch(text, keyOfAnAccount);
    assert.match(bench.printed(), /Key pair +│ RotatingCognitiveAccountKeyPair +│ +\d+ │ +0 │ +0\.0 │/);
    assert.deepEqual(bench.leftovers(), []);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    const bench = startBench();
    while (!bench.printed().includes("Key pair: ")) {
      const over = await Promise.race([bench.ended, new Promise((later) => setTimeout(() => later("running"), 50))]);
      assert.equal(over, "running", bench.printed());
    }
    bench.child.kill("SIGINT");
    assert.equal(await bench.ended, 130, bench.printed());
    assert.match(bench.printed(), /All that the benchmark made is removed/);
    assert.deepEqual(bench.leftovers(), []);
  });
});
