import { isDeepStrictEqual } from "node:util";
import type { Loading } from "./loading";
import type { Measure, Measurement, Snapshots } from "./measureStack";
import type { ProviderUse } from "./providerMeter";
import type { Circumstances } from "./runBenchmark";
import type { MeasuredName } from "./subjects";

/** What differs between two runs of the same stack. */
export type ConditionsName =
  /** Calls take as long as they were recorded to take. */
  | "recorded"
  /** Calls take no time. */
  | "no latency"
  /** No latency, and the engine writes its state only once, at the end. */
  | "no snapshots"
  /** A file backend that keeps no copy of the state before. */
  | "no backups"
  /** A file backend that compresses. */
  | "zstd"
  /** So many steps at a time. */
  | "parallel 32"
  | "parallel 64"
  /** No latency, and the engine keeps every state that it writes, to be counted. */
  | "counted";

/** Where the state is: on a file backend, or with Pulumi Cloud or a server of its protocol, which takes a journal. */
export type Backend = "file" | "journal";

/** A kind of stack. Terraform's state is a file too. */
export interface Kind {
  subject: MeasuredName;
  keys: number;
  backend: Backend;
  conditions: ConditionsName;
}

/** One command under the same circumstances, measured once a round. */
export interface Cell extends Kind {
  measure: Measure;
  /** Wall time. */
  seconds: number[];
  /** Empty for Terraform, whose provider nobody meters. */
  providerCpuSeconds: number[];
  providerPeakMemoryMB: number[];
  /** Calls by kind, the same in each round. */
  calls: Record<string, number>;
  /** Of one key, on average, after the command. */
  stateBytesPerKey?: number;
  snapshots?: Snapshots;
}

/** All figures of a run, and how they came about. */
export interface BenchmarkData extends Circumstances {
  /** ISO 8601. */
  finishedAt: string;
  machine: { processor: string; cores: number; memoryGB: number; system: string };
  /** Milliseconds. */
  latency: { regenerateKey: number; listKeys: number };
  /** Steps that the engine carries out at a time. */
  parallelism: number;
  rounds: number;
  /** Measured several times a round. */
  loading: Loading[];
  cells: Cell[];
}

/** Adds what one stack has shown to the figures of its kind. */
export function addStack(
  data: BenchmarkData,
  { subject, keys, backend, conditions }: Kind,
  measurements: readonly (Omit<Measurement, keyof ProviderUse> & Partial<ProviderUse>)[],
): void {
  for (const { measure, seconds, cpuSeconds, peakMemoryMB, calls, ...sizes } of measurements) {
    let cell = findCell(data, { subject, keys, backend, conditions, measure });
    if (cell === undefined) {
      const figures = { seconds: [], providerCpuSeconds: [], providerPeakMemoryMB: [], calls };
      cell = { subject, keys, backend, conditions, measure, ...figures };
      data.cells.push(cell);
    }
    if (!isDeepStrictEqual(cell.calls, calls)) {
      const [now, before] = [calls, cell.calls].map((counts) => JSON.stringify(counts));
      throw new Error(`${subject}, ${measure}: ${now} calls, and before ${before}`);
    }
    cell.seconds.push(rounded(seconds, 3));
    if (cpuSeconds !== undefined) cell.providerCpuSeconds.push(rounded(cpuSeconds, 3));
    if (peakMemoryMB !== undefined) cell.providerPeakMemoryMB.push(rounded(peakMemoryMB, 1));
    Object.assign(cell, sizes);
  }
}

/** As JSON with a line for each entry, so that two runs can be compared line by line. */
export function benchmarkJson({ loading, cells, ...circumstances }: BenchmarkData): string {
  const lines = (entries: readonly unknown[]) =>
    `[\n${entries.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n")}\n  ]`;
  const head = JSON.stringify(circumstances, undefined, 2).replace(/\n}$/, "");
  return `${head},\n  "loading": ${lines(loading)},\n  "cells": ${lines(cells)}\n}\n`;
}

/** The figures of one command, if it was measured. */
export function findCell(
  { cells }: BenchmarkData,
  { subject, keys, backend, conditions, measure }: Kind & { measure: Measure },
): Cell | undefined {
  return cells.find(
    (cell) =>
      cell.subject === subject &&
      cell.keys === keys &&
      cell.backend === backend &&
      cell.conditions === conditions &&
      cell.measure === measure,
  );
}

export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return { median: (lower + upper) / 2, min: sorted[0], max: sorted[sorted.length - 1] };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
