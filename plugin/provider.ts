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
import { type LoginSettingName, loginSettings } from "../provider/login/loginSettings";
import { type SettingReader, settingReader } from "../provider/login/settings";
import { isUnknown } from "../provider/unknown";
import { noSuchType, twoProviders, unknownSetting, wrongBoolean } from "../provider/words";
import { ageOf } from "./ageOf";
import { EngineLog } from "./engineLog";
import { importedAccount } from "./importedAccount";
import { jsonInputs } from "./jsonInputs";
import { packageName, packageSchema, version } from "./packageSchema";
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
    this.compared.clear();
    this.refreshed.clear();
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
      const [olds, news] = [fromWire(request.getOlds()), fromWire(request.getNews())];
      const { changes, replaces = [] } = await handler.diff(request.getId(), olds, news);
      const urn = request.getUrn();
      const isRefresh = this.refreshed.delete(urn);
      const isMoved = replaces.some((property) => property !== "rotationTrigger");
      const isElsewhere = isMoved && isAccountKnown(news) && !isUnknown(news.keyName);
      if (changes && !isElsewhere) this.compared.set(urn, olds);
      else this.compared.delete(urn);
      if (!changes && !isRefresh) this.warnOfAge(news, olds);
      const due = replaces.length > 0 ? replaces : resource.dueUpdates(olds as never, news as never);
      return difference(changes ? due : [], replaces.length > 0, olds, news);
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
      const [olds, news] = [fromWire(request.getOlds()), fromWire(request.getNews())];
      const response = new messages.UpdateResponse();
      if (request.getPreview()) {
        const outputs = resource.updated(olds as never, news as never);
        response.setProperties(outputsToWire(carriedOver(outputs, news)));
        return response;
      }
      const { outs } = await handler.update(request.getId(), olds, news);
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
        const { id, outs } = await handler.create(inputs);
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

/** What the engine itself adds to a provider's arguments. */
const ofTheEngine = /^(version|pluginDownloadURL|__.*)$/;

/** Why a setting is not taken; `undefined` where it is. */
function refusedSetting(name: string, value: unknown): string | undefined {
  if (ofTheEngine.test(name)) return undefined;
  if (!Object.hasOwn(loginSettings, name)) return unknownSetting(name, Object.keys(loginSettings));
  const { type }: { variables: readonly string[]; type?: string } = loginSettings[name as LoginSettingName];
  if (type !== "boolean" || isUnknown(value) || /^(true|false|)$/.test(String(value))) return undefined;
  return wrongBoolean(name);
}

/** An explicit provider, as a person names it; `undefined` for the one that the stack's configuration makes. */
function explicitProvider(urn = ""): string | undefined {
  const name = urn.split("::").slice(3).join("::");
  return name === "" || /^default($|_)/.test(name) ? undefined : `provider "${name}"`;
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

/** @param due the properties because of which there is something to do */
function difference(due: string[], replace: boolean, olds: Properties, news: Properties): messages.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;
  const response = new messages.DiffResponse();
  response.setChanges(due.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  response.setDiffsList(due);
  if (replace) response.setReplacesList(due);
  for (const property of due) {
    const entry = new messages.PropertyDiff();
    const isLeft = property in news;
    if (!(property in olds)) entry.setKind(replace ? ADD_REPLACE : ADD);
    else if (isLeft) entry.setKind(replace ? UPDATE_REPLACE : UPDATE);
    else entry.setKind(replace ? DELETE_REPLACE : DELETE);
    response.getDetaileddiffMap().set(property, entry);
  }
  return response;
}
