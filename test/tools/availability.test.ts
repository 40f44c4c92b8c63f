import assert from "node:assert/strict";
import { resolve } from "node:path";
import { readOptions } from "../../bench/availabilityOptions";
import { availabilityTable, objections } from "../../bench/availabilityReport";
import type { Design } from "../../bench/designs";
import type { RotationUnderLoad } from "../../bench/rotationUnderLoad";

const pair = { name: "Key pair", hasOutage: false } as Design;
const single = { name: "Single key", hasOutage: true } as Design;

function rotation(design: Design, statuses: number[], regenerations = 1): RotationUnderLoad {
  return {
    design,
    requests: statuses.map((status, index) => ({ at: index * 100, status })),
    producerUp: { from: 0, to: 100 },
    regenerations,
    regeneratedAt: 100,
    consumerUp: { from: 200, to: 300 },
  };
}

describe("the benchmark of availability", () => {
  it("has nothing to object to when only the other designs have refused a request", () => {
    assert.deepEqual(objections([rotation(pair, [200, 200]), rotation(single, [200, 401, 200])]), []);
  });

  it("objects to a refused request of the pair", () => {
    assert.deepEqual(objections([rotation(pair, [200, 0, 200])]), [
      "Key pair: 1 requests were refused, and none must be.",
    ]);
  });

  it("objects when another design has had no outage, since then nothing was measured", () => {
    assert.deepEqual(objections([rotation(single, [200, 200])]), [
      "Single key: no request was refused, so nothing was measured.",
    ]);
  });

  it("objects when a key was renewed twice, or not at all", () => {
    assert.deepEqual(objections([rotation(pair, [200], 2), rotation(pair, [200], 0)]), [
      "Key pair: 2 calls to regenerateKey, and there must be one.",
      "Key pair: 0 calls to regenerateKey, and there must be one.",
    ]);
  });

  it("shows requests, failures and the outage in seconds", () => {
    assert.match(availabilityTable([rotation(single, [200, 401, 401, 401, 200])]), /Single key .* 5 │ +3 │ +0\.3 │/);
  });

  it("takes its options from the command line", () => {
    assert.deepEqual(readOptions([]), { rate: 20, lag: 5, json: undefined, svg: undefined });
    assert.deepEqual(readOptions(["--rate", "5", "--lag", "0.5", "--json", "a", "--svg", "/b"]), {
      rate: 5,
      lag: 0.5,
      json: resolve("a"),
      svg: "/b",
    });
    assert.equal(readOptions(["--help"]), "help");
    assert.throws(() => readOptions(["--rate", "0"]), /--rate must be a number from 1 to 100, got "0"/);
    assert.throws(() => readOptions(["--lag", ""]), /--lag must be a number from 0 to 600, got ""/);
    assert.throws(() => readOptions(["--fast"]), /Unknown option '--fast'/);
  });
});
