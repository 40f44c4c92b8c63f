import { type Backend, type BenchmarkData, type Cell, type ConditionsName, findCell, spreadOf } from "./benchmarkData";
import type { Measure } from "./measureStack";
import { type MeasuredName, measuredNames } from "./subjects";

/** What the pages say of the figures of a run: seconds, unless they are named otherwise. */
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

  cell(
    subject: MeasuredName,
    measure: Measure,
    keys = this.most,
    conditions: ConditionsName = "recorded",
    backend: Backend = "file",
  ): Cell {
    const cell = findCell(this.data, { subject, keys, backend, conditions, measure });
    if (cell) return cell;
    throw new Error(`${subject} with ${keys} keys was not measured (${backend}, ${conditions}, ${measure})`);
  }

  median(
    subject: MeasuredName,
    measure: Measure,
    keys?: number,
    conditions?: ConditionsName,
    backend?: Backend,
  ): number {
    return spreadOf(this.cell(subject, measure, keys, conditions, backend).seconds).median;
  }

  cpu(subject: MeasuredName, measure: Measure, keys?: number, conditions?: ConditionsName, backend?: Backend): number {
    return spreadOf(this.cell(subject, measure, keys, conditions, backend).providerCpuSeconds).median;
  }

  memoryMB(subject: MeasuredName, measure: Measure, keys?: number): number {
    return spreadOf(this.cell(subject, measure, keys).providerPeakMemoryMB).median;
  }

  /** The median, and in brackets the least and the most. */
  spread(
    subject: MeasuredName,
    measure: Measure,
    keys?: number,
    conditions?: ConditionsName,
    backend?: Backend,
  ): string {
    return withSpread(this.cell(subject, measure, keys, conditions, backend).seconds);
  }

  /** Of one key that was rotated. */
  stateBytes(subject: MeasuredName): number {
    return Math.max(...this.keys.map((keys) => this.cell(subject, "refresh", keys).stateBytesPerKey ?? 0));
  }
}

export function withSpread(values: readonly number[]): string {
  const { median, min, max } = spreadOf(values);
  return min === max ? short(median) : `${short(median)} (${short(min)}–${short(max)})`;
}

/** Three digits at most, without an exponent. */
export function short(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString("en").replaceAll(",", " ");
}
