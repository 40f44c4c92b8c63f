import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { othersCanWrite, unusableFolder } from "./words";

/** What a provider process does with a slot: it has to do with it, has renewed it, publishes it, is about to renew it. */
export type Notice = "used" | "rotated" | "shared" | "reserved";

/** What the provider processes of one deployment tell each other. */
export interface Board {
  post(notice: Notice, slot: string): void;
  /** Whether another process has posted it. */
  isPosted(notice: Notice, slot: string): boolean;
  /** Why the other processes cannot be seen; `undefined` while they can. */
  readonly problem: string | undefined;
}

const dayMs = 86_400_000;

/** For a process that is alone. */
export const noBoard: Board = { post: () => {}, isPosted: () => false, problem: undefined };

/** The engine's own address: the last argument of each provider process that it starts. */
export function engineAddress(args: readonly string[]): string | undefined {
  const last = args.at(-1) ?? "";
  return /^[^-/][^/]*:\d+$/.test(last) ? last : undefined;
}

/**
 * The board of the deployment that this process was started for. Each has an engine of its own: a preview, and the update
 * that follows it.
 *
 * @param address the engine's
 */
export function deploymentBoard(address: string | undefined, temporary = tmpdir()): Board {
  if (address === undefined) return noBoard;
  return new FolderBoard(join(temporary, `pulumi-cognitive-key-rotation-${process.getuid?.() ?? "user"}`), address);
}

/**
 * A folder of this user, in which each process appends to a file of its own and reads the others'. Slots are hashes there.
 *
 * The engine ends its providers with a signal, so none tidies up: a later process removes the files of deployments that
 * have ended.
 */
export class FolderBoard implements Board {
  private readonly deployment: string;
  private file: number | undefined;
  private failure: string | undefined;
  private readonly posted = new Set<string>();
  /** How many bytes of each file are in `posted`. */
  private readonly known = new Map<string, number>();

  /** @param pid the process whose board it is */
  constructor(
    private readonly folder: string,
    engineAddress: string,
    private readonly pid = process.pid,
  ) {
    this.deployment = digest(engineAddress).slice(0, 16);
  }

  get problem(): string | undefined {
    this.attempt(() => {});
    return this.failure;
  }

  post(notice: Notice, slot: string): void {
    this.attempt((file) => writeSync(file, `${entry(notice, slot)}\n`));
  }

  isPosted(notice: Notice, slot: string): boolean {
    this.attempt(() => this.readOthers());
    return this.posted.has(entry(notice, slot));
  }

  private get ownName(): string {
    return `${this.deployment}-${this.pid}`;
  }

  /** Opens the board first, where it is not open. */
  private attempt(use: (file: number) => void): void {
    if (this.failure !== undefined) return;
    try {
      this.file ??= this.open();
      use(this.file);
    } catch (error) {
      this.failure = unusableFolder(this.folder, codeOf(error) ?? (error as Error).message);
    }
  }

  private open(): number {
    makePrivate(this.folder);
    this.removeEnded();
    // A new file, which also means that no link is followed.
    return openSync(join(this.folder, this.ownName), "ax", 0o600);
  }

  /**
   * Processes of a deployment may come and go: their files count while one of them runs. Those of other deployments stay for
   * a day, as a container that shares the folder has processes that cannot be seen from here.
   */
  private removeEnded(): void {
    const names = readdirSync(this.folder);
    const running = new Set(names.filter((name) => this.isRunning(name)).map(deploymentOf));
    for (const name of names.filter((one) => !running.has(deploymentOf(one)))) {
      const path = join(this.folder, name);
      const isOld = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > dayMs;
      if (isOld || deploymentOf(name) === this.deployment) rmSync(path, { recursive: true, force: true });
    }
  }

  private isRunning(name: string): boolean {
    const pid = Number(name.split("-")[1]);
    // Before this process had its id, another one had.
    if (!(pid > 0) || pid === this.pid) return false;
    try {
      return process.kill(pid, 0);
    } catch (error) {
      return codeOf(error) === "EPERM";
    }
  }

  private readOthers(): void {
    for (const name of readdirSync(this.folder)) {
      if (deploymentOf(name) !== this.deployment || name === this.ownName) continue;
      const path = join(this.folder, name);
      const known = this.known.get(name) ?? 0;
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? known;
      if (size === known) continue;
      const content = readFileSync(path, "latin1");
      // The last line may be half written.
      const end = content.lastIndexOf("\n") + 1;
      for (const posted of content.slice(known, end).split("\n")) this.posted.add(posted);
      this.known.set(name, end);
    }
  }
}

function entry(notice: Notice, slot: string): string {
  return `${notice} ${digest(slot)}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function deploymentOf(name: string): string {
  return name.split("-")[0];
}

/** In a shared temporary folder somebody else may have made it, or a link in its place. */
function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  const found = lstatSync(folder);
  const uid = process.getuid?.();
  const isPrivate = uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0);
  if (!found.isDirectory() || !isPrivate) throw new Error(othersCanWrite);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
