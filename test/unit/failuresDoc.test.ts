import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import type { SendRequest } from "@azure/core-rest-pipeline";
import * as pulumi from "@pulumi/pulumi";
import ts from "typescript";
import {
  RotatingCognitiveAccount,
  RotatingCognitiveAccountKey,
  RotatingCognitiveAccountKeyPair,
} from "../../components";
import { providerText } from "../../components/dynamicResource";
import { cloudFromName } from "../../provider/azure/clouds";
import { FolderBoard, noBoard } from "../../provider/deploymentBoard";
import { DeploymentMemory } from "../../provider/deploymentMemory";
import { withFingerprint } from "../../provider/fingerprint";
import { KeyHandler } from "../../provider/key";
import { toKeyError } from "../../provider/keyError";
import type { KeyOutputs } from "../../provider/keyOutputs";
import { KeyPairHandler } from "../../provider/keyPair";
import type { KeyPairOutputs } from "../../provider/keyPairOutputs";
import { azureLogin } from "../../provider/login/azureLogin";
import { certificatePem } from "../../provider/login/certificate";
import { requestFederatedToken } from "../../provider/login/federatedToken";
import { LoginAnswers } from "../../provider/login/loginAnswers";
import { settingReader } from "../../provider/login/settings";
import { loginFailure } from "../../provider/login/sharedCredential";
import { Acceptance } from "../../provider/rotation/acceptance";
import type { Answer } from "../../provider/rotation/accountKeys";
import { createClientCertificate } from "../support/clientCertificate";
import { documented, entries, leftOf } from "../support/failuresDoc";
import { FakeAzure, http, list, network, regenerate, type Turn } from "../support/fakeAzure";

// Values are in capitals wherever they may be, so that every other word is one of the code's.
const subscriptionId = "11111111-1111-4111-8111-111111111111";
const where = { resourceGroupName: "RG", accountName: "ACCT" };
const words = { message: "WORDS OF THE SERVICE", requestId: "R-1" };
const url = "https://acct.cognitive.example/openai/models";

/** The values that are not. */
const values = [
  /(?:\*|acct)\.cognitive\.example|host\.example|https?:\/\/host\/\S+|\/subscriptions\/\d\S+/,
  /Key[12]|(?:list|regenerate)Keys?|RotatingCognitiveAccountKey|(?:subscription|tenant|client)Id|clientCertificatePath/,
  /authentication\.loginEndpoint|resourceManager/,
  /an array|a value of type \w+|a bigint|NaN|TypeError|http:/,
  /azure-native(?::clientSecret)?/,
  /DefaultAzureCredential|client certificate|client secret|OIDC|managed identity|Azure CLI|Azure\w*Cloud/,
  /\d+ days|\[secret\]/,
  /\[not shown\]/,
  /AuthorizationFailed|RequestDisallowedByPolicy|ResourceNotFound|RequestConflict|ScopeLocked|MissingSubscriptionRegistration/,
];

const single: KeyOutputs = { ...where, subscriptionId, key: "old-1", keyName: "Key1", keyFingerprint: "" };
const pair: KeyPairOutputs = {
  ...where,
  subscriptionId,
  key: "old-1",
  keyName: "Key1",
  keyFingerprint: "",
  previousKey: "old-2",
  previousKeyName: "Key2",
  rotationCount: 1,
  rotatedAt: "2025-01-01T00:00:00.000Z",
};

type Turns = Turn[] | ((operation: Turn["operation"]) => Turn);
type Operation = (key: KeyHandler, pair: KeyPairHandler, azure: FakeAzure) => Promise<unknown>;

/** What is said when these turns meet an operation: its lines, and its error. */
async function said(turns: Turns, operate: Operation, defaultSubscription?: string): Promise<string[]> {
  const azure = new FakeAzure(turns);
  const context = azure.context(defaultSubscription);
  const error = await messageOf(operate(new KeyHandler(context), new KeyPairHandler(context), azure));
  return [...azure.lines, ...error];
}

async function messageOf(doing: Promise<unknown>): Promise<string[]> {
  return doing.then(
    () => [],
    (error: Error) => {
      if (error instanceof assert.AssertionError) throw error;
      return [error.message];
    },
  );
}

const always =
  (answer: Answer | number): Turns =>
  (operation) => ({ operation, answer });

const adopts: Operation = (_, pairs) => pairs.create(where);
const creates: Operation = (key) => key.create({ ...where, rotationTrigger: 1 });
const rotates: Operation = (_, pairs) => pairs.update("", pair, { ...where, rotationTrigger: 1 });
const refreshes: Operation = (_, pairs) => pairs.read("", pair);
const revokes: Operation = (key) => key.delete("", { ...single, revokeOnDelete: true, rotatedAt: pair.rotatedAt });

/** A first renewal that leaves a doubt, and then these answers; without one all is well. */
function afterDoubt({ renewal, reading }: { renewal?: Answer; reading?: Answer }): Turns {
  let renewals = 0;
  return (operation) => {
    if (operation === "listKeys") return { operation, answer: reading };
    return { operation, answer: ++renewals === 1 ? network("ECONNRESET") : renewal };
  };
}

/** Every answer that is told apart, met by each operation, also behind an answer that leaves a doubt. */
async function calls(): Promise<string[]> {
  const answers: Answer[] = [
    http(400, "CODE", { ...words, message: "DISABLELOCALAUTH" }),
    ...[200, 302, 401, 404, 422, 429, 503].map((status) => http(status, "CODE", words)),
    ...["AuthorizationFailed", "RequestDisallowedByPolicy"].map((code) => http(403, code, words)),
    ...[403, 407].map((status) => http(status)),
    http(404, "ResourceNotFound", words),
    ...["ScopeLocked", "MissingSubscriptionRegistration", "RequestConflict"].map((code) => http(409, code, words)),
    ...["ECONNREFUSED", "SELF_SIGNED_CERT_IN_CHAIN", "ETIMEDOUT", "ECONNRESET"].map(network),
    { kind: "login", message: "WORDS OF THE LOGIN" },
  ];
  const unfinished: Operation = (_, pairs) => pairs.update("", { ...pair, unfinished: {} }, where);
  const all = answers.flatMap((answer) => [
    ...[adopts, creates, rotates, refreshes, revokes, unfinished].map((operate) => said(always(answer), operate)),
    said(afterDoubt({ renewal: answer }), creates),
    said(afterDoubt({ reading: answer }), creates),
  ]);
  let renewals = 0;
  const neverAgrees: Turns = (operation) =>
    operation === "listKeys"
      ? { operation, effect: (azure) => azure.issue() }
      : { operation, answer: ++renewals === 1 ? network("ECONNRESET") : undefined };
  all.push(said(neverAgrees, creates));
  return (await Promise.all(all)).flat();
}

/** Waiting until a new key is accepted, by each resource. */
async function waits(): Promise<string[]> {
  const waiting = {
    ...where,
    rotationTrigger: 1,
    minimumOverlap: "PT0S",
    waitUntilAccepted: { url, timeout: "PT30S" },
  };
  const elsewhere = { ...waiting, waitUntilAccepted: { url: "https://HOST.EXAMPLE/" } };
  const until =
    (answer: object, operate: Operation): Operation =>
    (key, pairs, azure) => {
      azure.dataPlane = () => answer as { status: number };
      return operate(key, pairs, azure);
    };
  const madeUp =
    (answer: object): Operation =>
    (key, _, azure) => {
      azure.madeUp = answer as { status: number };
      return key.create(waiting);
    };
  const finishes: Operation = (_, pairs) => pairs.update("", { ...pair, unfinished: {} }, elsewhere);
  const keyInUseWasChanged = [
    regenerate({ effect: (azure) => ["Key1", "Key2"].map((one) => azure.issue(one as "Key1")) }),
  ];
  const unnamed = new Acceptance({
    dataPlane: new FakeAzure([]),
    cloud: async () => ({ ...cloudFromName("public"), name: "PRIVATE", dataPlaneHosts: [] }),
    now: Date.now,
    sleep: async () => {},
  });
  return (
    await Promise.all([
      messageOf(unnamed.prepare({ url })),
      ...[{ status: 401 }, { status: 503 }, { code: "ECONNRESET" }].flatMap((answer) => [
        said(
          [regenerate()],
          until(answer, (key) => key.create(waiting)),
        ),
        said(
          [regenerate()],
          until(answer, (_, pairs) => pairs.update("", pair, waiting)),
        ),
        said(
          [...keyInUseWasChanged],
          until(answer, (_, pairs) => pairs.update("", pair, waiting)),
        ),
        ...[{ ...where }, { ...where, initialKeyName: "Key2" as const }].flatMap((adopting) => [
          said(
            [list()],
            until(answer, (key) => key.create({ ...waiting, ...adopting, rotationTrigger: undefined })),
          ),
          said(
            [list()],
            until(answer, (_, pairs) => pairs.create({ ...waiting, ...adopting })),
          ),
        ]),
      ]),
      ...[{ status: 200 }, { code: "ECONNRESET" }].map((answer) => said([], madeUp(answer))),
      said([], (key) => key.create(elsewhere)),
      said([], finishes),
    ])
  ).flat();
}

/** What readings say that lag, or that find what nobody has expected. */
async function readings(): Promise<string[]> {
  const news = { ...where, rotationTrigger: 1 };
  const lost = { ...pair, previousKey: null as unknown as string };
  const forbidden = http(403, "AuthorizationFailed", words);
  const former = ["Key1", "Key2"].map(() => withFingerprint("old-2").keyFingerprint);
  const unfinished = { superseded: [...former, withFingerprint("old-1").keyFingerprint] };
  const now = "2026-01-01T00:00:00.000Z";
  const renewed = (azure: FakeAzure) => azure.issue("Key2");
  let renewals = 0;
  const lagging: Turns = (operation) =>
    operation === "listKeys"
      ? { operation, answer: { kind: "keys", keys: { Key1: "old-1", Key2: "old-2" } } }
      : { operation, answer: ++renewals % 2 === 1 ? 503 : undefined };
  const same: Turns = (operation) => ({ operation, answer: { kind: "keys", keys: { Key1: "old-1", Key2: "old-2" } } });
  const gone = always(http(404, "ResourceNotFound", words));
  return (
    await Promise.all([
      said([list({ effect: renewed })], (_, pairs) => pairs.update("", pair, news)),
      said([list({ answer: forbidden }), regenerate()], (_, pairs) => pairs.update("", pair, news)),
      said([], (_, pairs) => pairs.diff("", lost, news)),
      said(lagging, creates),
      said(lagging, rotates),
      said(same, (key) => key.delete("", { ...single, revokeOnDelete: true, rotatedAt: "2025-01-01T00:00:00.000Z" })),
      said(same, (key) => key.read("", { ...single, unfinished, key: "new-1" })),
      said(same, (_, pairs) => pairs.read("", { ...pair, unfinished, previousKey: "new-1" })),
      said(same, (_, pairs) => pairs.update("", { ...pair, unfinished, previousKey: "new-1" }, where)),
      said(same, (key) => key.read("", { ...single, key: "new-1", rotatedAt: now })),
      said(same, (_, pairs) => pairs.read("", { ...pair, key: "new-1", rotatedAt: now })),
      said(same, (_, pairs) => pairs.update("", { ...pair, rotationInDoubt: now }, where)),
      said([list({ answer: forbidden })], (_, pairs) =>
        pairs.update("", { ...pair, rotationInDoubt: "2025-01-01T00:00:00.000Z" }, where),
      ),
      said(gone, (key) => key.read("", single)),
      said(gone, (_, pairs) => pairs.read("", pair)),
      said(gone, (_, pairs) => pairs.read("", { ...pair, keyName: "Key2", previousKeyName: "Key1" })),
      said(gone, revokes),
      said([list()], (key) => key.delete("", { ...single, key: "", revokeOnDelete: true, rotatedAt: pair.rotatedAt })),
      said([list()], (key) =>
        key.delete("", { ...single, key: "new-1", revokeOnDelete: true, rotatedAt: pair.rotatedAt }),
      ),
      said([list()], async (_, pairs) => {
        await pairs.create({ ...where, initialKeyName: "Key2" });
        await pairs.delete("", pair);
      }),
    ])
  ).flat();
}

/** What is refused, or left undone, without a call. */
async function decisions(): Promise<string[]> {
  const news = { ...where, rotationTrigger: 1 };
  const moved = { ...where, accountName: "OTHER" };
  return (
    await Promise.all([
      said([], (_, pairs) => pairs.diff("", { ...pair, rotatedAt: "2026-01-01T00:00:00.000Z" }, news)),
      said([], (_, pairs) => pairs.diff("", { ...pair, changedOutsideAt: "2026-01-01T00:00:00.000Z" }, news)),
      said(
        [],
        async (key) => {
          await key.diff("", single, news);
          await key.create(news);
        },
        "22222222-2222-4222-8222-222222222222",
      ),
      said(
        [],
        async (_, pairs) => {
          await pairs.diff("", pair, moved);
          await pairs.create(moved);
        },
        "22222222-2222-4222-8222-222222222222",
      ),
      said([regenerate()], async (key) => {
        await key.create(news);
        await key.create(news);
      }),
      said([], async (key, pairs, azure) => {
        await key.check({}, where);
        await revokes(key, pairs, azure);
      }),
      said([], (key) => key.read("", where as KeyOutputs)),
      ...[
        { problem: new FolderBoard(__filename, "HOST:1").problem?.replace(__filename, "FOLDER") },
        { isPosted: (notice: string) => notice === "reserved" },
      ].map(async (board) => {
        const memory = new DeploymentMemory({ ...noBoard, ...board });
        const context = { ...new FakeAzure(always(200)).context(), memory };
        const operations = [
          () => new KeyHandler(context).create(where),
          () => new KeyPairHandler(context).create(where),
          () => revokes(new KeyHandler(context), new KeyPairHandler(context), new FakeAzure([])),
        ];
        return (await Promise.all(operations.map((operate) => messageOf(operate())))).flat();
      }),
    ])
  ).flat();
}

/** The reasons of `check`, one bad input after the other. */
async function inputs(): Promise<string[]> {
  const id = (group: string) =>
    `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/ACCT`;
  const bad: object[] = [
    {},
    { resourceGroupName: "RG" },
    { ...where, accountId: id("RG") },
    { accountId: "ACCT" },
    { accountId: id("RG.") },
    { accountName: 1, resourceGroupName: [] },
    { accountName: "-", resourceGroupName: "." },
    { ...where, subscriptionId: "SUBSCRIPTION" },
    { ...where, keyName: "KEY1", initialKeyName: 1, revokeOnDelete: "YES", minimumOverlap: 1, maxAge: "PT0S" },
    { ...where, minimumOverlap: "P11Y", waitUntilAccepted: { url: "HOST" } },
    { ...where, waitUntilAccepted: "HOST" },
    { ...where, waitUntilAccepted: { url: "http://HOST", timeout: "P1D" } },
    { ...where, waitUntilAccepted: { url: "https://USER:PASSWORD@HOST" } },
  ];
  const context = new FakeAzure([]).context();
  const failures = bad.flatMap((news) => [
    new KeyHandler(context).check({}, news),
    new KeyPairHandler(context).check({}, news),
  ]);
  return (await Promise.all(failures)).flatMap((checked) => checked.failures.map(({ reason }) => reason));
}

/** What the constructors throw and warn of, and the provider text where the package is not installed. */
async function programs(): Promise<string[]> {
  const messages: string[] = [];
  const log = pulumi.log as Record<"warn" | "error", (message: string) => Promise<void>>;
  const { warn, error } = log;
  const note = async (message: string) => void messages.push(message);
  const folder = mkdtempSync(join(tmpdir(), "VERSION-"));
  const before = process.cwd();
  const installed = join(folder, "node_modules", "pulumi-cognitive-key-rotation");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), JSON.stringify({ version: "99.0.0" }));
  class AzureNative extends pulumi.ProviderResource {}
  const itself: unknown[] = [];
  itself.push(itself);
  Object.assign(log, { warn: note, error: note });
  try {
    await pulumi.runtime.setMocks({ newResource: ({ inputs: state }) => ({ id: "ID", state }), call: () => ({}) });
    const provider = new AzureNative("azure-native", "explicit");
    const attempt = (program: () => unknown): void => {
      try {
        program();
      } catch (thrown) {
        messages.push((thrown as Error).message);
      }
    };
    attempt(() => new RotatingCognitiveAccountKey("NAME", where, { provider }));
    attempt(() => new RotatingCognitiveAccountKey("NAME", where, { provider: {} as pulumi.ProviderResource }));
    for (const opts of [{ version: "1.0.0" }, { pluginDownloadURL: "HOST" }, { id: "ID" }, { import: "ID" }]) {
      attempt(() => new RotatingCognitiveAccountKey("NAME", where, opts));
    }
    for (const part of [
      Number.NaN,
      1n,
      new (class CLASS {})(),
      [undefined],
      itself,
      provider,
      { [Symbol()]: 1 },
      new (class {})(),
    ]) {
      attempt(() => new RotatingCognitiveAccountKey("NAME", { ...where, rotationTrigger: part as never }));
    }
    pulumi.runtime.setAllConfig({ "azure-native:clientSecret": "SECRET" });
    new RotatingCognitiveAccountKey("THREE", where, { provider: new AzureNative("pulumi-nodejs", "own") });
    pulumi.runtime.setAllConfig({});
    const account = { resourceGroupName: "RG", kind: "OpenAI", sku: { name: "S0" } };
    attempt(() => new RotatingCognitiveAccount("NAME", { ...account, properties: { disableLocalAuth: true } }));
    const parent = new pulumi.ComponentResource("test:index:Parent", "parent", {}, { providers: [provider] });
    new RotatingCognitiveAccountKey("ONE", where, { parent });
    process.chdir(folder);
    new RotatingCognitiveAccountKey("TWO", where);
    process.chdir("/");
    const module = { exports: {} as { handler(): { check(): void } } };
    new Function("exports", "require", providerText("RotatingCognitiveAccountKey"))(module.exports, createRequire("/"));
    attempt(() => module.exports.handler().check());
    await pulumi.runtime.disconnect();
  } finally {
    process.chdir(before);
    Object.assign(log, { warn, error });
    rmSync(folder, { recursive: true });
  }
  return messages.map((message) => message.replace(folder, "FOLDER").replace(/from \/\S*VERSION-\w+/, "from FOLDER"));
}

/** What a `maxAge` makes of keys that are old, or of which nobody knows how old they are. */
async function ages(): Promise<string[]> {
  const messages: string[] = [];
  const log = pulumi.log as { warn: (message: string) => Promise<void> };
  const { warn } = log;
  log.warn = async (message) => void messages.push(message);
  const { key, keyFingerprint } = { ...pair, keyFingerprint: "FINGERPRINT" };
  const adopted = { subscriptionId, key, keyName: "Key1", keyFingerprint };
  const old = { ...adopted, rotatedAt: "2016-01-01T00:00:00.000Z" };
  const states: Record<string, object> = { adopted, old, begun: { ...old, unfinished: {} } };
  try {
    const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => ({
      id: "ID",
      state: { ...inputs, ...states[name] },
    });
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) });
    const args = { ...where, maxAge: "P1D" };
    for (const rotationTrigger of [undefined, "TRIGGER", pulumi.secret("SECRET")]) {
      for (const name of Object.keys(states)) {
        new RotatingCognitiveAccountKeyPair(name, { ...args, rotationTrigger });
      }
    }
    await pulumi.runtime.disconnect();
    while (messages.length < 9) await new Promise(setImmediate);
  } finally {
    log.warn = warn;
  }
  return messages;
}

type Settings = Record<string, string>;
const login = (settings: Settings, timeoutMs?: number) =>
  azureLogin(
    settingReader((name) => settings[name.replace("azure-native:", "")], {}),
    timeoutMs,
  );
const secret = { clientSecret: "SECRET", clientId: "CLIENT", tenantId: "TENANT", subscriptionId };

/** What a login says that has its settings, the Azure CLI or the network against it. */
async function logins(): Promise<string[]> {
  const all: Promise<string[]>[] = [
    ...(["subscriptionId", "tenantId", "clientId"] as const).map((missing) =>
      messageOf(login({ ...secret, [missing]: "" }).credential()),
    ),
    messageOf(login({ ...secret, clientSecret: "", useOidc: "true" }).credential()),
    messageOf(login({ ...secret, clientCertificatePath: "/FILE" }).credential()),
    messageOf(login({ useMsi: "true" }).credential()),
    messageOf(login({ ...secret, auxiliaryTenantIds: "TENANT" }).credential()),
    messageOf(login({ ...secret, environment: "MARS" }).cloud()),
    messageOf(login({ ...secret, environment: "SECRET~1" }).cloud()),
    messageOf(login({ ...secret, clientId: "SECRET~1" }).credential()),
    messageOf(login({ ...secret, metadataHost: "https://SECRET@HOST" }).cloud()),
    messageOf(login({ ...secret, subscriptionId: "SECRET" }).defaultSubscription()),
  ];
  const withoutSubscription = { ...secret, subscriptionId: "" };
  const unresolved: (() => Promise<string>)[] = [
    () => login(withoutSubscription).defaultSubscription(),
    () => Promise.reject(new TypeError("A KEY")),
  ];
  for (const defaultSubscription of unresolved) {
    const context = { ...new FakeAzure([]).context(), defaultSubscription };
    all.push(...[KeyHandler, KeyPairHandler].map((Handler) => messageOf(new Handler(context).create(where))));
  }
  return (await Promise.all(all)).flat();
}

/** What a managed identity is refused with in a pod that has one of its own. */
async function pods(): Promise<string[]> {
  const pod = { AZURE_FEDERATED_TOKEN_FILE: "FILE", AZURE_TENANT_ID: "TENANT", AZURE_CLIENT_ID: "CLIENT" };
  const before = { ...process.env };
  Object.assign(process.env, pod);
  try {
    return await messageOf(login({ useMsi: "true", subscriptionId }).credential());
  } finally {
    for (const name of Object.keys(pod)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** Why nobody is logged in whose settings are complete. */
async function proofs(): Promise<string[]> {
  const certificate = createClientCertificate();
  const forms: [content: string | Buffer, password: string][] = [
    ["WORDS", ""],
    ["WORDS", "Ä"],
    [certificate.registered, ""],
    [certificate.encryptedPem, ""],
    [certificate.encryptedPem, "SECRET"],
    [certificate.pem.replace(certificate.registered, createClientCertificate().registered), ""],
  ];
  const asks = (url: string) => async () => {
    await requestFederatedToken(url, "SECRET", "AUDIENCE").catch((error) =>
      Promise.reject(loginFailure("OIDC", error)),
    );
  };
  const fails = async (error: unknown) => messageOf(Promise.reject(loginFailure("client certificate", error)));
  const messages = [
    ...forms.map(async ([content, password]) => {
      const pem = async () => certificatePem(Buffer.from(content), password);
      return pem().then(() => [], fails);
    }),
    messageOf(asks("HOST")()),
    messageOf(asks("http://host.example")()),
    answered(asks("https://host.example"), (answer) => [answer(403, ""), answer(200, "{}")]),
    fails(new Error("endpoints_resolution_error: WORDS")),
    messageOf(loginHost(403)),
    messageOf(loginHost(200)),
    fails(Object.assign(new Error("WORDS"), { errors: [new Error("ONE"), new Error("ANOTHER")] })),
  ];
  return (await Promise.all(messages)).flat();
}

/** A login whose host answers nothing that the login library understands. */
async function loginHost(status: number): Promise<never> {
  const { createHttpHeaders, createPipelineRequest }: typeof import("@azure/core-rest-pipeline") =
    require("@azure/core-rest-pipeline");
  const answers = new LoginAnswers();
  const request = createPipelineRequest({ url: "https://host.example" });
  await answers.policy.sendRequest(request, async () => ({ request, headers: createHttpHeaders(), status }));
  throw loginFailure("client secret", new Error("network_error: WORDS"), answers);
}

type Answering = (status: number, body: string) => SendRequest;

/** What a call says that gets each of these answers in turn, in place of the network. */
async function answered(
  call: () => Promise<unknown>,
  answers: (answer: Answering, failure: (properties: { name?: string; code?: string }) => SendRequest) => SendRequest[],
): Promise<string[]> {
  const pipeline: typeof import("@azure/core-rest-pipeline") = require("@azure/core-rest-pipeline");
  const answer: Answering = (status, bodyAsText) => async (request) => ({
    request,
    headers: pipeline.createHttpHeaders(),
    status,
    bodyAsText,
  });
  const failure = (properties: object) => async (): Promise<never> => {
    throw Object.assign(new Error("A KEY"), properties);
  };
  const loaded = require.cache[require.resolve("@azure/core-rest-pipeline")] as NodeJS.Module;
  const messages: string[] = [];
  try {
    for (const sendRequest of answers(answer, failure)) {
      loaded.exports = { ...pipeline, createDefaultHttpClient: () => ({ sendRequest }) };
      messages.push(...(await messageOf(call())));
    }
  } finally {
    loaded.exports = pipeline;
  }
  return messages;
}

async function metadata(): Promise<string[]> {
  const unsafe = await messageOf(login({ ...secret, metadataHost: "http://HOST" }).cloud());
  const call = () => login({ ...secret, metadataHost: "HOST" }).cloud();
  const audiences = ["https://HOST"];
  const cloud = { name: 1, resourceManager: "HOST", authentication: { loginEndpoint: "HOST", audiences } };
  const messages = await answered(call, (answer, failure) => [
    answer(404, ""),
    answer(200, JSON.stringify(cloud)),
    answer(200, JSON.stringify({ ...cloud, name: "NAME" })),
    answer(200, JSON.stringify({ ...cloud, name: "NAME", resourceManager: "https://HOST" })),
    answer(200, "<HTML>"),
    answer(200, "{}"),
    failure({ name: "AbortError" }),
    ...["ECONNREFUSED", "CERT_HAS_EXPIRED", "ECONNRESET"].map((code) => failure({ code })),
  ]);
  return [...unsafe, ...messages];
}

/** The Azure CLI, played by a script, and a credential that gives no token. */
async function commandLine(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "az-"));
  const { PATH } = process.env;
  const { setTimeout } = globalThis;
  const { AzureCliCredential }: typeof import("@azure/identity") = require("@azure/identity");
  const { getToken } = AzureCliCredential.prototype;
  const az = (shown: string) => {
    writeFileSync(join(folder, "az"), `#!/bin/sh\n${shown}\n`);
    chmodSync(join(folder, "az"), 0o755);
  };
  const messages: string[] = [];
  try {
    process.env.PATH = "/nonexistent";
    messages.push(...(await messageOf(login({}).cloud())));
    process.env.PATH = `${folder}${delimiter}${PATH}`;
    az("echo '{}'");
    messages.push(...(await messageOf(login({}).defaultSubscription())));
    az("echo 'WORDS OF THE CLI' >&2; exit 1");
    messages.push(...(await messageOf(login({}).defaultSubscription())));
    az("exec sleep 2");
    messages.push(...(await messageOf(login({}, 100).defaultSubscription())));
    az(`echo '{"id":"${subscriptionId}","environmentName":"PRIVATE"}'`);
    messages.push(...(await messageOf(login({}).cloud())));
    az(`echo '{"id":"${subscriptionId}","tenantId":"ANOTHER","environmentName":"AzureCloud"}'`);
    messages.push(...(await messageOf(login({ subscriptionId, tenantId: "TENANT" }).credential())));
    az("echo 'WORDS OF THE CLI' >&2; exit 1");
    messages.push(...(await messageOf(login({ subscriptionId }).cloud())));
    messages.push(...(await messageOf(login({ subscriptionId: "A&B" }).cloud())));
    az(`echo '{"id":"${subscriptionId}","environmentName":"AzureChinaCloud"}'`);
    messages.push(...(await messageOf(login({ environment: "public" }).cloud())));
    const tokens: (() => Promise<never>)[] = [
      () => Promise.reject(new Error("WORDS OF THE LOGIN\nTRACE")),
      async () => null as never,
      () => new Promise(() => {}),
    ];
    for (const token of tokens) {
      AzureCliCredential.prototype.getToken = token;
      const credential = await login({}).credential();
      globalThis.setTimeout = ((late: () => void) => setTimeout(late, 50)) as typeof setTimeout;
      messages.push(...(await messageOf(credential.getToken("SCOPE"))));
      globalThis.setTimeout = setTimeout;
    }
  } finally {
    process.env.PATH = PATH;
    globalThis.setTimeout = setTimeout;
    AzureCliCredential.prototype.getToken = getToken;
    rmSync(folder, { recursive: true });
  }
  return messages;
}

/** Every literal of the sources that is prose: words with a space beside them. */
function prose(): { text: string; at: string }[] {
  const folder = join(__dirname, "../../components");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const found: { text: string; at: string }[] = [];
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(join(folder, file), "utf8"), ts.ScriptTarget.ES2022);
    const visit = (node: ts.Node): void => {
      const isText = ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node);
      if (isText && /[a-z]{2,}\s|\s[a-z]{2,}/i.test(node.text)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        found.push({ text: node.text, at: `${relative(".", join(folder, file))}:${line + 1}` });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

describe("docs/failures.md", () => {
  let messages: string[] = [];

  before(async function () {
    this.timeout(20_000);
    for (const said of [
      calls,
      waits,
      readings,
      decisions,
      inputs,
      programs,
      ages,
      logins,
      pods,
      proofs,
      metadata,
      commandLine,
    ]) {
      messages.push(...(await said()));
    }
    messages.push(toKeyError(new TypeError("A KEY")).message);
    messages = [...new Set(messages)];
  });

  it("prints every word that the code says", () => {
    const missing = messages.flatMap((message) => {
      const left = values.reduce((text, value) => text.replace(new RegExp(value, "g"), " "), leftOf(message));
      return /[a-z]{2}/.test(left) ? [`${left.replace(/\s+/g, " ").trim()}   in: ${message}`] : [];
    });
    assert.deepEqual(missing, []);
  });

  it("finds no sentence that is ended twice, or a value that may be a secret", () => {
    assert.deepEqual(
      messages.filter((message) => /\.\.|undefined|A KEY|SECRET|old-\d|new-\d/.test(message)),
      [],
    );
  });

  it("has an entry for each message", () => {
    assert.deepEqual(
      messages.filter((message) => !documented(message)),
      [],
    );
  });

  it("prints nothing that the code does not say", () => {
    const stale = entries.filter(({ pattern }) => !messages.some((message) => message.search(pattern) !== -1));
    assert.deepEqual(
      stale.map(({ text }) => text),
      [],
    );
  });

  it("prints nothing twice", () => {
    const texts = entries.map(({ text }) => text);
    assert.deepEqual(
      texts.filter((text, index) => texts.indexOf(text) !== index),
      [],
    );
  });

  it("is held against every text of the sources", function () {
    this.timeout(20_000);
    const elsewhere = [
      "-----BEGIN ",
      "Bearer ",
      providerText("RotatingCognitiveAccountKey"),
      providerText("RotatingCognitiveAccountKeyPair"),
    ];
    const unheard = prose().filter(({ text }) => ![...messages, ...elsewhere].some((said) => said.includes(text)));
    assert.deepEqual(unheard, []);
  });
});
