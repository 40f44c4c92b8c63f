import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Emulator } from "../../emulator/emulator";
import { channelOptions } from "../../plugin/channelOptions";
import { Provider } from "../../plugin/provider";
import { serve } from "../../plugin/serve";
import { afterTest } from "../support/hooks";
import type { FakeEngine } from "./fakeEngine";

export type Kind = "key" | "pair";
export type Properties = Record<string, unknown>;

/** What stands for a value that is not known yet (pulumi/pulumi#6310). */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const types = {
  key: "cognitive-key-rotation:index:RotatingCognitiveAccountKey",
  pair: "cognitive-key-rotation:index:RotatingCognitiveAccountKeyPair",
} as const;

export function urnOf(kind: Kind, name: string = kind): string {
  return `urn:pulumi:dev::producer::${types[kind]}::${name}`;
}

/** How a secret leaves a provider (pulumi/pulumi, sdk/go/common/resource: SecretSig). */
export function secret(value: unknown): object {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** The properties with the values of secrets in place of what marks them. */
export function plain(properties: Properties): Properties {
  const open = (value: unknown): unknown =>
    JSON.stringify(value) === JSON.stringify(secret((value as Properties | null)?.value))
      ? (value as Properties).value
      : value;
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, open(value)]));
}

export function struct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
}

/** The configuration that leads a provider to the emulator. */
export function settingsOf(emulator: Emulator): Record<string, string> {
  const environment = emulator.environment();
  return {
    metadataHost: environment.ARM_METADATA_HOSTNAME,
    tenantId: environment.ARM_TENANT_ID,
    clientId: environment.ARM_CLIENT_ID,
    clientSecret: environment.ARM_CLIENT_SECRET,
    subscriptionId: environment.ARM_SUBSCRIPTION_ID,
    disableInstanceDiscovery: "true",
  };
}

/** A call that was answered with an error. */
export class CallError extends Error {
  readonly code: string;
  /** What the engine keeps as the resource's outputs. */
  readonly left?: { id: string; properties: Properties; reasons: string[] };

  constructor({ code, details, metadata }: grpc.ServiceError) {
    super(details);
    this.code = grpc.status[code];
    const [trailer] = metadata.get("grpc-status-details-bin");
    if (trailer === undefined) return;
    const status = Status.deserializeBinary(trailer as Buffer);
    const [detail] = status.getDetailsList();
    // The engine finds it by its name, and takes the rest from there.
    if (detail?.getTypeName() !== "pulumirpc.ErrorResourceInitFailed" || status.getCode() !== code) return;
    const failed = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
    const properties = failed.getProperties()?.toJavaScript() ?? {};
    this.left = { id: failed.getId(), properties, reasons: failed.getReasonsList() };
  }
}

export async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const error = await call.then(
    () => assert.fail("it went through"),
    (failure: unknown) => failure,
  );
  assert.ok(error instanceof CallError, String(error));
  return error;
}

/** A call of the protocol. */
export type Call = <Response>(method: Method, request: object) => Promise<Response>;
export type Method = Exclude<keyof Provider, number | symbol>;

/** Calls a provider as the engine does, with JSON in place of messages. */
export class PluginClient {
  constructor(readonly call: Call) {}

  async cancel(): Promise<void> {
    await this.call("cancel", new Empty());
  }

  async attach(address: string): Promise<void> {
    const request = new PluginAttach();
    request.setAddress(address);
    await this.call("attach", request);
  }

  /** @param urn of an explicit provider */
  async configure(settings: Record<string, string>, urn?: string): Promise<messages.ConfigureResponse.AsObject> {
    const request = new messages.ConfigureRequest();
    for (const [name, value] of Object.entries(settings)) {
      request.getVariablesMap().set(`cognitive-key-rotation:config:${name}`, value);
    }
    if (urn !== undefined) request.setUrn(urn);
    request.setAcceptsecrets(true);
    return (await this.call<messages.ConfigureResponse>("configure", request)).toObject();
  }

  async checkConfig(news: Properties): Promise<{ inputs: Properties; failures: [property: string, reason: string][] }> {
    const request = new messages.CheckRequest();
    request.setUrn("urn:pulumi:dev::producer::pulumi:providers:cognitive-key-rotation::default");
    request.setNews(struct(news));
    return checked(await this.call("checkConfig", request));
  }

  async check(
    urn: string,
    news: Properties,
    olds: Properties = {},
  ): Promise<{ inputs: Properties; failures: [property: string, reason: string][] }> {
    const request = new messages.CheckRequest();
    request.setUrn(urn);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return checked(await this.call("check", request));
  }

  /** @param olds outputs */
  async diff(urn: string, olds: Properties, news: Properties, ignored: string[] = []): Promise<Difference> {
    const request = new messages.DiffRequest();
    request.setId("id");
    request.setUrn(urn);
    request.setOlds(struct(plain(olds)));
    request.setNews(struct(news));
    request.setIgnorechangesList(ignored);
    const response = await this.call<messages.DiffResponse>("diff", request);
    const kinds = Object.entries(messages.PropertyDiff.Kind);
    const detailed: Record<string, string> = {};
    response.getDetaileddiffMap().forEach((entry, name) => {
      detailed[name] = String(kinds.find(([, kind]) => kind === entry.getKind())?.[0]);
    });
    return {
      changes: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      diffs: response.getDiffsList(),
      detailed,
      hasDetailedDiff: response.getHasdetaileddiff(),
    };
  }

  async create(urn: string, inputs: Properties, preview = false): Promise<{ id: string; properties: Properties }> {
    const request = new messages.CreateRequest();
    request.setUrn(urn);
    request.setProperties(struct(inputs));
    request.setPreview(preview);
    const response = await this.call<messages.CreateResponse>("create", request);
    return { id: response.getId(), properties: response.getProperties()?.toJavaScript() ?? {} };
  }

  /** @param olds outputs */
  async update(urn: string, olds: Properties, news: Properties, preview = false): Promise<Properties> {
    const request = new messages.UpdateRequest();
    request.setId("id");
    request.setUrn(urn);
    request.setOlds(struct(plain(olds)));
    request.setNews(struct(news));
    request.setPreview(preview);
    const response = await this.call<messages.UpdateResponse>("update", request);
    return response.getProperties()?.toJavaScript() ?? {};
  }

  /** @param properties outputs of what is refreshed @param inputs of it */
  async read(
    urn: string,
    id: string,
    properties?: Properties,
    inputs?: Properties,
  ): Promise<{ id: string; properties?: Properties; inputs?: Properties }> {
    const request = new messages.ReadRequest();
    request.setUrn(urn);
    request.setId(id);
    if (properties !== undefined) request.setProperties(struct(plain(properties)));
    if (inputs !== undefined) request.setInputs(struct(inputs));
    const response = await this.call<messages.ReadResponse>("read", request);
    return {
      id: response.getId(),
      properties: response.getProperties()?.toJavaScript(),
      inputs: response.getInputs()?.toJavaScript(),
    };
  }

  /** @param properties outputs */
  async delete(urn: string, properties: Properties): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setUrn(urn);
    request.setId("id");
    request.setProperties(struct(plain(properties)));
    await this.call("delete", request);
  }
}

export interface Difference {
  changes: boolean;
  replaces: string[];
  diffs: string[];
  /** The kind of each. */
  detailed: Record<string, string>;
  hasDetailedDiff: boolean;
}

function checked(response: messages.CheckResponse) {
  return {
    inputs: response.getInputs()?.toJavaScript() ?? {},
    failures: response
      .getFailuresList()
      .map((failure): [string, string] => [failure.getProperty(), failure.getReason()]),
  };
}

/** What calls a provider in this process without a server between. */
export function directly(provider: Provider): Call {
  return <Response>(method: Method, request: object) =>
    (provider[method] as (request: object) => Promise<unknown>).call(provider, request) as Promise<Response>;
}

/** Calls a provider over gRPC, in which a call that is not answered fails after some seconds. */
export function connectedTo(port: number, secondsForACall = 9): PluginClient & { close(): void } {
  const channel = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), channelOptions);
  const call: Call = (method, request) => {
    const options = { deadline: Date.now() + secondsForACall * 1000 };
    // The methods are alike, but for their messages.
    const unary = channel[method].bind(channel) as unknown as Unary;
    return new Promise((resolve, reject) =>
      unary(request, new grpc.Metadata(), options, (error, response) =>
        error ? reject(new CallError(error)) : resolve(response as never),
      ),
    );
  };
  return Object.assign(new PluginClient(call), { close: () => channel.close() });
}

type Unary = (
  request: object,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  answer: (error: grpc.ServiceError | null, response: unknown) => void,
) => void;

/** Serves a provider from this process. */
export async function clientOf(provider: Provider): Promise<PluginClient> {
  const { server, port } = await serve(provider);
  const plugin = connectedTo(port);
  afterTest(() => {
    plugin.close();
    server.forceShutdown();
  });
  return plugin;
}

/** A provider in this process, as a deployment has it. @param emulator to be configured for */
export async function startPlugin(engine?: FakeEngine, emulator?: Emulator): Promise<PluginClient> {
  const { TMPDIR } = process.env;
  // In which the providers of a deployment tell each other what they do.
  const folder = mkdtempSync(join(tmpdir(), "plugin-"));
  process.env.TMPDIR = folder;
  const provider = new Provider(engine?.address);
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  afterTest(() => rmSync(folder, { recursive: true }));
  const plugin = await clientOf(provider);
  if (emulator !== undefined) await plugin.configure(settingsOf(emulator));
  return plugin;
}
