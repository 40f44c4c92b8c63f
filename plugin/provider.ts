import { type PluginAttach, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { createHandlers, type Handlers } from "../provider";
import { isAccountKnown, namedAccount } from "../provider/account";
import { carriedOver } from "../provider/carriedOver";
import type { CheckFailure } from "../provider/checkFailure";
import { deploymentBoard } from "../provider/deploymentBoard";
import type { Handler } from "../provider/handler";
import { KeyError } from "../provider/keyError";
import type { AzureLogin } from "../provider/login/azureLogin";
import { type SettingReader, settingReader } from "../provider/login/settings";
import { isUnknown, unknown } from "../provider/unknown";
import { noSuchType, twoProviders } from "../provider/words";
import { ageOf } from "./ageOf";
import { difference } from "./difference";
import { EngineLog } from "./engineLog";
import { importedAccount } from "./importedAccount";
import { jsonInputs } from "./jsonInputs";
import { packageName, packageSchema, version } from "./packageSchema";
import { explicitProvider, refusedSetting } from "./providerSettings";
import { type Resource, resources } from "./resources";
import { fromWire, inputsToWire, outputsToWire, settingsToWire } from "./wire";

type Properties = Record<string, unknown>;

/** What the two handlers take and give, once a request has told which of them is meant. */
interface Lifecycle {
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces?: string[] }>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  read(id: string, props: Properties): Promise<{ id?: string; props?: Properties }>;
  find(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}

/**
 * One provider of a stack, with a login, a log and a memory of its own. Its methods are those of the protocol
 * (pulumi/pulumi, proto/pulumi/provider.proto).
 */
export class Provider {
  private readonly log = new EngineLog();
  private engine: string | undefined;
  private ending = new AbortController();
  private handlers: Handlers;
  /** URN of the provider that was configured. */
  private configured: string | undefined;
  private setting: SettingReader = settingReader({ namespace: packageName }, () => undefined, process.env);
  private login: AzureLogin | undefined;
  /** The outputs of resources that were compared, and are to be updated or created anew; by URN. */
  private readonly compared = new Map<string, Properties>();
  /** URNs of resources that this deployment imports. It compares them next with the program. */
  private readonly imported = new Set<string>();
  /** URNs of resources that a refresh has read: it compares them next, for its display. */
  private readonly refreshed = new Set<string>();

  /** @param engineAddress absent where a person has started the provider, and attaches the engine later */
  constructor(
    engineAddress: string | undefined,
    private readonly makeHandlers = createHandlers,
  ) {
    this.handlers = this.begin(engineAddress);
  }

  /** One that a person has started outlives a deployment, of which nothing may be left in the next: each has its engine. */
  async attach(request: PluginAttach): Promise<Empty> {
    const address = request.getAddress();
    if (address === this.engine) return new Empty();
    this.ending = new AbortController();
    this.configured = undefined;
    for (const known of [this.compared, this.imported, this.refreshed]) known.clear();
    this.handlers = this.begin(address);
    return new Empty();
  }

  async getPluginInfo(): Promise<PluginInfo> {
    const info = new PluginInfo();
    info.setVersion(version);
    return info;
  }

  async getSchema(): Promise<messages.GetSchemaResponse> {
    const response = new messages.GetSchemaResponse();
    response.setSchema(JSON.stringify(packageSchema));
    return response;
  }

  /** Ctrl-C: waits end at once, and what was obtained is kept. */
  async cancel(): Promise<Empty> {
    this.ending.abort();
    return new Empty();
  }

  async checkConfig(request: messages.CheckRequest): Promise<messages.CheckResponse> {
    // The engine would hand over an absent setting that is given as null as the text "null".
    const given = Object.entries(fromWire(request.getNews())).filter(([, value]) => value !== null);
    const reasons = given.flatMap(([name, value]) => refusedSetting(name, value) ?? []);
    return checked(
      settingsToWire(Object.fromEntries(given)),
      // Without the property, whose value may be a secret that is misplaced: Pulumi would show it.
      reasons.map((reason) => ({ property: "", reason })),
    );
  }

  async configure(request: messages.ConfigureRequest): Promise<messages.ConfigureResponse> {
    const urn = request.getUrn();
    // No call tells which provider it is for, and each of them has a login of its own.
    if (this.configured !== undefined && this.configured !== urn) throw new KeyError(twoProviders);
    this.configured = urn;
    const variables = request.getVariablesMap();
    this.setting = settingReader(
      { namespace: packageName, provider: explicitProvider(urn) },
      (name) => variables.get(`${packageName}:config:${name}`),
      process.env,
    );
    this.login = undefined;
    const response = new messages.ConfigureResponse();
    response.setSupportspreview(true);
    return response;
  }

  check(request: messages.CheckRequest): Promise<messages.CheckResponse> {
    return this.during(request, async (_resource, handler) => {
      const [olds, news] = [fromWire(request.getOlds()), jsonInputs(fromWire(request.getNews()))];
      const { inputs, failures } = await handler.check(olds, news);
      return checked(inputsToWire(inputs), failures);
    });
  }

  diff(request: messages.DiffRequest): Promise<messages.DiffResponse> {
    return this.during(request, async (resource, handler) => {
      const [stored, wanted] = [fromWire(request.getOlds()), fromWire(request.getNews())];
      const urn = request.getUrn();
      const { olds, news } = this.takenOver(urn, stored, wanted);
      const { changes, replaces = [] } = await handler.diff(request.getId(), olds, news);
      const isRefresh = this.refreshed.delete(urn);
      if (!isRefresh) this.remember(urn, olds, news, changes, replaces);
      if (!changes && !isRefresh) this.warnOfAge(news, olds);
      const due = replaces.length > 0 ? replaces : resource.dueUpdates(olds as never, news as never);
      const isTakenOver = olds !== stored;
      if (isTakenOver && replaces.length === 0) due.push("rotationTrigger");
      return difference(changes || isTakenOver ? due : [], replaces.length > 0, stored, wanted);
    });
  }

  create(request: messages.CreateRequest): Promise<messages.CreateResponse> {
    return this.during(request, async (resource, handler) => {
      const inputs = fromWire(request.getProperties());
      const response = new messages.CreateResponse();
      if (request.getPreview()) {
        const before = this.compared.get(request.getUrn());
        const outputs = resource.created(inputs as never, before as never);
        response.setProperties(outputsToWire(carriedOver(outputs, inputs)));
        return response;
      }
      const { id, outs } = await handler.create(inputs);
      this.warnOfAge(inputs, outs);
      response.setId(id);
      response.setProperties(outputsToWire(outs));
      return response;
    });
  }

  update(request: messages.UpdateRequest): Promise<messages.UpdateResponse> {
    return this.during(request, async (resource, handler) => {
      const [stored, wanted] = [fromWire(request.getOlds()), fromWire(request.getNews())];
      const { olds, news } = this.takenOver(request.getUrn(), stored, wanted);
      // As of a pair that is created with a trigger: consumers may hold the key of the other slot.
      const begin = (now: string) => (olds !== stored && resource.handler === "keyPair" ? { publishedAt: now } : {});
      const response = new messages.UpdateResponse();
      if (request.getPreview()) {
        const outputs = { ...resource.updated(olds as never, news as never), ...begin(unknown) };
        response.setProperties(outputsToWire(carriedOver(outputs, wanted)));
        return response;
      }
      const updated = await handler.update(request.getId(), olds, news);
      const taken = olds !== stored && { rotationTrigger: wanted.rotationTrigger };
      const outs = { ...updated.outs, ...taken, ...begin(new Date().toISOString()) };
      this.warnOfAge(news, outs);
      response.setProperties(outputsToWire(outs));
      return response;
    });
  }

  /** A refresh; an import, or `get` of a program, where there are no outputs. */
  read(request: messages.ReadRequest): Promise<messages.ReadResponse> {
    return this.during(request, async (resource, handler) => {
      const properties = fromWire(request.getProperties());
      const response = new messages.ReadResponse();
      if (!isStored(request.getId(), properties)) {
        const { accountId, keyName } = importedAccount(request.getId());
        const inputs = { accountId, ...(keyName !== undefined && { [resource.slotInput]: keyName }) };
        const { id, outs } = await handler.find(inputs);
        this.imported.add(request.getUrn());
        response.setId(id);
        response.setProperties(outputsToWire(outs));
        response.setInputs(inputsToWire(inputs));
        return response;
      }
      this.refreshed.add(request.getUrn());
      const { id, props } = await handler.read(request.getId(), properties);
      if (id === undefined || props === undefined) return response;
      response.setId(id);
      response.setProperties(outputsToWire(props));
      response.setInputs(request.getInputs());
      return response;
    });
  }

  delete(request: messages.DeleteRequest): Promise<Empty> {
    return this.during(request, async (_resource, handler) => {
      await handler.delete(request.getId(), fromWire(request.getProperties()));
      return new Empty();
    });
  }

  /** An import rotates nothing: the program's trigger, known or not, counts as the one that was acted on last. */
  private takenOver(urn: string, stored: Properties, wanted: Properties): { olds: Properties; news: Properties } {
    const { rotationTrigger, ...news } = wanted;
    const isTakenOver = this.imported.has(urn) && (rotationTrigger ?? undefined) !== undefined;
    return isTakenOver ? { olds: { ...stored, rotationTrigger }, news } : { olds: stored, news: wanted };
  }

  private begin(engineAddress: string | undefined): Handlers {
    this.engine = engineAddress;
    if (engineAddress !== undefined) this.log.connect(engineAddress);
    return this.makeHandlers({
      login: () => this.currentLogin(),
      log: (line) => this.log.write(line),
      signal: this.ending.signal,
      board: deploymentBoard(engineAddress),
    });
  }

  /** Runs a call for the resource that it is about, whose lines it writes. */
  private during<T>(
    request: { getUrn(): string },
    call: (resource: Resource, handler: Lifecycle) => Promise<T>,
  ): Promise<T> {
    const urn = request.getUrn();
    return this.log.during(urn, async () => {
      const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
      if (!Object.hasOwn(resources, type)) throw new KeyError(noSuchType(type, Object.keys(resources)));
      const resource = resources[type];
      return call(resource, this.handlers[resource.handler] as Handler as unknown as Lifecycle);
    });
  }

  /** Remembers what a preview of its creation goes by, as the handler does for the creation itself. */
  private remember(urn: string, olds: Properties, news: Properties, changes: boolean, replaces: string[]): void {
    const isMoved = replaces.some((property) => property !== "rotationTrigger");
    const isPlaceKnown = isAccountKnown(news) && !isUnknown(news.keyName);
    // One that is known to be elsewhere is another one.
    if (!changes || (isMoved && isPlaceKnown)) this.compared.delete(urn);
    // Only a place that is known must be in the subscription of before.
    else this.compared.set(urn, isPlaceKnown ? olds : { ...olds, subscriptionId: undefined });
  }

  private warnOfAge(inputs: Properties, outputs: Properties): void {
    const warning = ageOf(inputs, outputs, Date.now());
    if (warning !== undefined) this.log.write(`warning: ${warning}`);
  }

  /** Loaded for the first call: a preview and an unchanged resource need no login. */
  private currentLogin(): AzureLogin {
    const { azureLogin }: typeof import("../provider/login/azureLogin") = require("../provider/login/azureLogin");
    this.login ??= azureLogin(this.setting);
    return this.login;
  }
}

/**
 * Whether a reading is of outputs that this provider has given. With `get` come the arguments of the program, which may be
 * named like outputs: the id says all that counts there.
 */
function isStored(id: string, properties: Properties): boolean {
  if (id.trimStart().startsWith("/") || properties.keyFingerprint === undefined) return false;
  return properties.subscriptionId !== undefined && namedAccount(properties).accountName !== undefined;
}

function checked(inputs: Struct, failures: CheckFailure[]): messages.CheckResponse {
  const response = new messages.CheckResponse();
  response.setInputs(inputs);
  for (const { property, reason } of failures) {
    const failure = new messages.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    response.addFailures(failure);
  }
  return response;
}
