import { type BenchmarkData, type Cell, findCell, type Kind, spreadOf } from "./benchmarkData";
import type { Measure } from "./measureStack";
import { type MeasuredName, measuredNames } from "./subjects";

/** A kind of stack: of the most keys, on a file backend and with the recorded latency, unless it says otherwise. */
export type StackOf = Pick<Kind, "subject"> & Partial<Kind>;

/** What the pages say of the figures of a run. A number that was not measured is NaN, and shown as "–". */
export class Figures {
  /** Numbers of keys, the least first. */
  readonly keys: readonly number[];
  readonly most: number;
  /** Those that were measured. */
  readonly subjects: readonly MeasuredName[];

  constructor(readonly data: BenchmarkData) {
    this.keys = [...new Set(data.cells.map(({ keys }) => keys))].sort((a, b) => a - b);
    this.most = this.keys[this.keys.length - 1];
    this.subjects = measuredNames.filter((name) => data.cells.some(({ subject }) => subject === name));
  }

  cell(stack: StackOf, measure: Measure): Cell | undefined {
    return findCell(this.data, { keys: this.most, backend: "file", conditions: "recorded", ...stack, measure });
  }

  seconds(stack: StackOf, measure: Measure): number {
    return spreadOf(this.cell(stack, measure)?.seconds ?? []).median;
  }

  cpu(stack: StackOf, measure: Measure): number {
    return spreadOf(this.cell(stack, measure)?.providerCpuSeconds ?? []).median;
  }

  memoryMB(stack: StackOf, measure: Measure): number {
    return spreadOf(this.cell(stack, measure)?.providerPeakMemoryMB ?? []).median;
  }

  /** Of one key that was just rotated. */
  stateBytes(subject: MeasuredName): number {
    const measured = this.keys.flatMap((keys) => this.cell({ subject, keys }, "rotation")?.stateBytesPerKey ?? []);
    return measured.length === 0 ? Number.NaN : Math.max(...measured);
  }
}

/** The median, and in brackets the least and the most. */
export function withSpread(values: readonly number[]): string {
  const { median, min, max } = spreadOf(values);
  return min === max ? short(median) : `${short(median)} (${short(min)}–${short(max)})`;
}

/** Three digits at most, without an exponent. */
export function short(value: number): string {
  if (Number.isNaN(value)) return missing;
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

export function inSeconds(value: number): string {
  return Number.isNaN(value) ? missing : `${short(value)} s`;
}

export function thousands(value: number): string {
  return Number.isNaN(value) ? missing : Math.round(value).toLocaleString("en").replaceAll(",", " ");
}

/** Stands for what was not measured. */
export const missing = "–";
