import assert from "node:assert/strict";

/** What the engine asks of a dynamic resource's provider. */
export interface Handler<I, O> {
  check(olds: I, news: I): Promise<{ inputs: I; failures: unknown[] }>;
  diff(id: string, olds: O, news: I): Promise<{ changes: boolean; replaces?: string[] }>;
  create(inputs: I): Promise<{ id: string; outs: O }>;
  update(id: string, olds: O, news: I): Promise<{ outs: O }>;
  read(id: string, props: O): Promise<{ id?: string; props?: O }>;
  delete(id: string, props: O): Promise<void>;
}

/** A resource as the engine keeps it. */
export interface Stored<I, O> {
  id: string;
  inputs: I;
  outputs: O;
  /** Its last create or update brought outputs and an error. */
  initErrors: boolean;
}

/** The command ended in the middle, with nobody left to write anything. */
export class Died extends Error {}

/** The command failed in a resource that is not ours, when ours was through. */
export class OtherResourceFailed extends Error {}

export interface UpOptions {
  /** `--replace` of the resource. */
  replace?: boolean;
  /** Another resource of the program fails, behind this one. */
  otherFails?: boolean;
  /** A resource that the given input comes from is replaced delete-first, or fails when it is to be created again. */
  upstream?: { input: string; fails: boolean };
}

/** A resource and what other stacks read, as `pulumi stack export` has it. */
export interface Export<I, O> {
  resource?: Stored<I, O>;
  stackOutputs?: O;
}

/**
 * What Pulumi's engine does for a stack with one dynamic resource, as far as its handler can tell. Each rule names where
 * the real one is: `step.go`, `step_generator.go` and `step_executor.go` are in pulumi's `pkg/resource/deploy` (3.259).
 * A preview of dynamic resources is left out: it calls `check` and `diff`, in a process of its own, and changes nothing.
 */
export class MiniEngine<I extends object, O extends object> {
  resource?: Stored<I, O>;
  /** Resources that were replaced and are not deleted yet. */
  replaced: Stored<I, O>[] = [];
  /** What other stacks read. */
  stackOutputs?: O;

  /** @param startProvider every command talks to a provider process of its own */
  constructor(private readonly startProvider: () => Handler<I, O>) {}

  /** What can be written down and imported later; nothing that waits for its deletion. */
  export(): Export<I, O> | undefined {
    return this.replaced.length > 0
      ? undefined
      : structuredClone({ resource: this.resource, stackOutputs: this.stackOutputs });
  }

  /** `pulumi stack import`: state is the older one, and nobody is told. */
  import({ resource, stackOutputs }: Export<I, O>): void {
    Object.assign(this, structuredClone({ resource, stackOutputs }), { replaced: [] });
  }

  /**
   * What a preview of an `up` shows as the outputs: the same steps, on nothing that is kept.
   *
   * @param startProvider one whose `create` and `update` give what is to come, and whose `delete` does nothing
   */
  async preview(startProvider: () => Handler<I, O>, program: I, options: UpOptions): Promise<O> {
    const preview = new MiniEngine(startProvider);
    Object.assign(preview, structuredClone({ resource: this.resource, replaced: this.replaced }));
    const { upstream } = options;
    // What comes from a resource that is still to be created again is not known.
    const known = upstream === undefined ? program : { ...program, [upstream.input]: unknown };
    await preview.up(known, {
      ...options,
      otherFails: false,
      ...(upstream && { upstream: { ...upstream, fails: false } }),
    });
    return preview.resource?.outputs as O;
  }

  async up(program: I, { replace = false, otherFails = false, upstream }: UpOptions = {}): Promise<void> {
    const provider = hosted(this.startProvider());
    if (upstream !== undefined) await this.replaceUpstream(provider, upstream);
    const { outputs } = await this.register(provider, { ...program, [text]: providerText }, replace);
    if (otherFails) throw new OtherResourceFailed("another resource of the stack");
    // Replaced resources are deleted last (GenerateDeletes in step_generator.go), and whatever comes of that, the outputs
    // of a program that has come to its end are written (executeRegisterResourceOutputs in step_executor.go).
    const failure = await this.deleteReplaced(provider).catch((error: unknown) => error);
    if (failure instanceof Died) throw failure;
    this.stackOutputs = outputs;
    if (failure !== undefined) throw failure;
  }

  /** Reads all that is stored, also what waits for its deletion (GenerateRefreshes); moves no output of the stack. */
  async refresh(): Promise<void> {
    const provider = hosted(this.startProvider());
    if (this.resource) this.resource = await this.read(provider, this.resource);
    for (const old of [...this.replaced]) {
      const read = await this.read(provider, old);
      this.replaced = this.replaced.flatMap((one) => (one !== old ? [one] : read ? [read] : []));
    }
  }

  /** Runs no program, so nothing is checked before. The outputs go with the stack, which goes last. */
  async destroy(): Promise<void> {
    const provider = hosted(this.startProvider());
    await this.deleteReplaced(provider);
    if (this.resource) await provider.delete(this.resource.id, this.resource.outputs);
    this.resource = undefined;
    this.stackOutputs = undefined;
  }

  /**
   * What depends on a resource that is deleted before it is replaced is compared with an unknown in place of what it gives,
   * and deleted before it if that would replace it (calculateDependentReplacements in step_generator.go); nothing is checked.
   * Where the other resource then fails, the real engine still knows it and does the same once more; this one has lost it.
   */
  private async replaceUpstream(
    provider: Handler<I, O>,
    { input, fails }: NonNullable<UpOptions["upstream"]>,
  ): Promise<void> {
    const old = this.resource;
    if (old !== undefined && (old.inputs as Record<string, unknown>)[input] !== undefined) {
      const { changes, replaces = [] } = await provider.diff(old.id, old.outputs, { ...old.inputs, [input]: unknown });
      if (changes && replaces.length > 0) {
        await provider.delete(old.id, old.outputs);
        this.resource = undefined;
      }
    }
    if (fails) throw new OtherResourceFailed("a resource that this one depends on");
  }

  private async register(provider: Handler<I, O>, program: I, replace: boolean): Promise<Stored<I, O>> {
    const old = this.resource;
    // A resource that is to be replaced is checked as a new one, and not compared (step_generator.go, isTargetedReplace).
    if (old === undefined || replace) return this.create(provider, await this.check(provider, {} as I, program));
    const inputs = await this.check(provider, old.inputs, program);
    const { changes, replaces = [] } = await provider.diff(old.id, old.outputs, inputs);
    // Checked once more, for what would be defaults of a new resource.
    if (changes && replaces.length > 0) return this.create(provider, await this.check(provider, {} as I, program));
    if (changes || old.initErrors) return this.update(provider, old, inputs);
    // SameStep: the new inputs, and the outputs as they were.
    this.resource = { ...old, inputs };
    return this.resource;
  }

  private async check(provider: Handler<I, O>, olds: I, program: I): Promise<I> {
    const { inputs, failures } = await provider.check(olds, program);
    assert.deepEqual(failures, []);
    return inputs;
  }

  /** CreateStep: an error without outputs leaves everything as it was, and what is replaced is deleted only later. */
  private async create(provider: Handler<I, O>, inputs: I): Promise<Stored<I, O>> {
    const store = (id: string, outputs: O, initErrors: boolean): Stored<I, O> => {
      if (this.resource) this.replaced.push(this.resource);
      this.resource = { id, inputs, outputs, initErrors };
      return this.resource;
    };
    try {
      const { id, outs } = await provider.create(inputs);
      return store(id, outs, false);
    } catch (error) {
      if (isInitFailure<O>(error)) store(error.id, error.properties, true);
      throw error;
    }
  }

  /** UpdateStep: outputs that come with an error are stored beside the old inputs (OnResourceStepPost in pkg/engine/update.go). */
  private async update(provider: Handler<I, O>, old: Stored<I, O>, inputs: I): Promise<Stored<I, O>> {
    try {
      const { outs } = await provider.update(old.id, old.outputs, inputs);
      this.resource = { id: old.id, inputs, outputs: outs, initErrors: false };
      return this.resource;
    } catch (error) {
      if (isInitFailure<O>(error)) this.resource = { ...old, outputs: error.properties, initErrors: true };
      throw error;
    }
  }

  /** RefreshStep: without an id the resource is dropped. What has changed is shown by comparing as an `up` would. */
  private async read(provider: Handler<I, O>, old: Stored<I, O>): Promise<Stored<I, O> | undefined> {
    const { id, props } = await provider.read(old.id, old.outputs);
    if (!id || props === undefined) return undefined;
    await provider.diff(id, props, old.inputs);
    return { id, inputs: old.inputs, outputs: props, initErrors: false };
  }

  private async deleteReplaced(provider: Handler<I, O>): Promise<void> {
    for (const old of [...this.replaced]) {
      await provider.delete(old.id, old.outputs);
      this.replaced = this.replaced.filter((one) => one !== old);
    }
  }
}

/** What stands for a value that is not known yet (pulumi/pulumi#6310). */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const text = "__provider";
const providerText = "the text that leads to the handler";

/** An error that brings outputs along (grpcResponseFromError in @pulumi/pulumi/cmd/dynamic-provider). */
function isInitFailure<O>(error: unknown): error is Error & { id: string; properties: O } {
  return error instanceof Error && "id" in error && "properties" in error;
}

/**
 * The handler behind the process that Pulumi hosts it in (@pulumi/pulumi/cmd/dynamic-provider): what goes in and out is
 * JSON, and the provider text, by which a handler is found, is put back into what it returns, but not into the outputs that
 * come with an error.
 */
function hosted<I extends object, O extends object>(handler: Handler<I, O>): Handler<I, O> {
  const found = <P extends object>(props: P): P => {
    assert.equal((props as Record<string, unknown>)[text], providerText, "the provider text was lost");
    return props;
  };
  const kept = <P extends object>(props: P): P => found({ ...pure(props), [text]: providerText });
  return {
    check: async (olds, news) => {
      const { inputs, failures } = await handler.check(pure(olds), pure(found(news)));
      return { inputs: kept(inputs), failures };
    },
    diff: (id, olds, news) => handler.diff(id, pure(olds), pure(found(news))),
    create: async (inputs) => {
      const { id, outs } = await passOn(handler.create(pure(found(inputs))));
      return { id, outs: kept(outs) };
    },
    update: async (id, olds, news) => {
      const { outs } = await passOn(handler.update(id, pure(olds), pure(found(news))));
      return { outs: kept(outs) };
    },
    read: async (id, props) => {
      const read = await handler.read(id, pure(found(props)));
      return read.props === undefined ? read : { id: read.id, props: kept(read.props) };
    },
    delete: (id, props) => handler.delete(id, pure(found(props))),
  };
}

async function passOn<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (isInitFailure<object>(error)) pure(error.properties);
    throw error;
  }
}

/** A copy by way of JSON, which must lose nothing: anything else does not survive the way to the engine. */
function pure<T>(value: T): T {
  const copy = JSON.parse(JSON.stringify(value));
  assert.deepEqual(copy, value, "not pure JSON");
  return copy;
}
