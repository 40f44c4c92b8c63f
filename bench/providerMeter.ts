import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the provider process of one command has used, the start of Node and the loading of Pulumi's SDK included. */
export interface ProviderUse {
  /** User and system time. */
  cpuSeconds: number;
  /** Resident set size at its highest. */
  peakMemoryMB: number;
}

/** The engine kills providers without a warning, so each notes again and again what it has used until then. */
const everyMs = 20;
/** More than a note has, so that each covers the one before in one write. */
const noteBytes = 1024;

/** Tells what providers use: the engine says nobody which process they are. */
export class ProviderMeter {
  /** For the engine whose providers these are. */
  readonly environment: Record<string, string>;
  private readonly notes: string;

  /** @param folder is made, and holds the notes */
  constructor(folder: string) {
    this.notes = join(folder, "notes");
    mkdirSync(this.notes, { recursive: true });
    const preload = join(folder, "meter.cjs");
    writeFileSync(
      preload,
      `if (/dynamic-provider|pulumi-resource-/.test(process.argv[1])) {
         const { openSync, writeSync } = require("node:fs");
         const file = openSync(${JSON.stringify(join(this.notes, "/"))} + process.pid + ".json", "w");
         const note = () => writeSync(file, JSON.stringify(process.resourceUsage()).padEnd(${noteBytes}), 0);
         note();
         setInterval(note, ${everyMs}).unref();
         process.on("exit", note);
       }`,
    );
    this.environment = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --require=${preload}` };
  }

  /** Of all providers since the last call: the sum of their CPU time, and the most that one of them took of memory. */
  take(): ProviderUse {
    const files = readdirSync(this.notes).filter((name) => name.endsWith(".json"));
    const used = files.map((name): NodeJS.ResourceUsage => JSON.parse(readFileSync(join(this.notes, name), "utf8")));
    for (const name of files) rmSync(join(this.notes, name));
    const cpuMicroseconds = used.map(({ userCPUTime, systemCPUTime }) => userCPUTime + systemCPUTime);
    return {
      cpuSeconds: cpuMicroseconds.reduce((sum, each) => sum + each, 0) / 1e6,
      peakMemoryMB: (Math.max(0, ...used.map(({ maxRSS }) => maxRSS)) * 1024) / 1e6,
    };
  }
}
