import { type BenchmarkData, type Cell, type ConditionsName, findCell, spreadOf } from "./benchmarkData";
import type { Measure } from "./measureStack";
import { type SubjectName, subjects } from "./subjects";

/** What the pages say of the figures of a run: seconds, unless they are named otherwise. */
export class Figures {
  /** Numbers of keys, the least first. */
  readonly keys: readonly number[];
  readonly most: number;
  /** Those that were measured. */
  readonly subjects: readonly SubjectName[];

  constructor(readonly data: BenchmarkData) {
    this.keys = [...new Set(data.cells.map(({ keys }) => keys))].sort((a, b) => a - b);
    this.most = this.keys[this.keys.length - 1];
    this.subjects = (Object.keys(subjects) as SubjectName[]).filter((name) =>
      data.cells.some(({ subject }) => subject === name),
    );
  }

  cell(subject: SubjectName, measure: Measure, keys = this.most, conditions: ConditionsName = "recorded"): Cell {
    const cell = findCell(this.data, subject, keys, conditions, measure);
    if (cell) return cell;
    throw new Error(`${subject} with ${keys} keys was not measured (${conditions}, ${measure})`);
  }

  median(subject: SubjectName, measure: Measure, keys?: number, conditions?: ConditionsName): number {
    return spreadOf(this.cell(subject, measure, keys, conditions).seconds).median;
  }

  cpu(subject: SubjectName, measure: Measure, keys?: number, conditions?: ConditionsName): number {
    return spreadOf(this.cell(subject, measure, keys, conditions).providerCpuSeconds).median;
  }

  memoryMB(subject: SubjectName, measure: Measure, keys?: number): number {
    return spreadOf(this.cell(subject, measure, keys).providerPeakMemoryMB).median;
  }

  /** The median, and in brackets the least and the most. */
  spread(subject: SubjectName, measure: Measure, keys?: number, conditions?: ConditionsName): string {
    return withSpread(this.cell(subject, measure, keys, conditions).seconds);
  }

  /** Of one key that was rotated. */
  stateBytes(subject: SubjectName): number {
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
