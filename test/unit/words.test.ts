import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { providerText } from "../../components/providerText";
import { loginSettings } from "../../provider/login/loginSettings";
import { causeOf } from "../../provider/rotation/verdict";
import * as words from "../../provider/words";
import { http, network } from "../support/fakeAzure";
import { dynamicWay, pluginWays } from "../support/waysIn";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/failures.md"), "utf8");

// What a sentence is about: none of it may stand where the terminal shows only the beginning.
const subscriptionId = "11111111-1111-4111-8111-111111111111";
const account = { accountName: "ACCT", resourceGroupName: "RG", subscriptionId };
const resource = 'CLASS "NAME"';
const at = "2026-01-31T12:00:00.000Z";
const login = words.missingSetting(dynamicWay, "tenantId", "ARM_TENANT_ID", "OIDC");

const answers = [
  http(400, "BadRequest", { message: "disableLocalAuth is true" }),
  ...[200, 302, 401, 404, 422, 429, 503].map((status) => http(status, "CODE", { message: "WORDS.", requestId: "ID" })),
  ...["AuthorizationFailed", "RequestDisallowedByPolicy"].map((code) => http(403, code)),
  ...["ScopeLocked", "MissingSubscriptionRegistration", "RequestConflict"].map((code) => http(409, code)),
  ...[403, 407].map((status) => http(status)),
  ...["ECONNREFUSED", "SELF_SIGNED_CERT_IN_CHAIN", "ETIMEDOUT", "ECONNRESET"].map(network),
  { kind: "login", message: login } as const,
].map((answer) => {
  assert.ok(answer.kind !== "keys");
  return { answer, cause: causeOf(answer) };
});
const calls = [
  { operation: "listKeys", account },
  { operation: "regenerateKey", account, keyName: "Key1" },
  { operation: "regenerateKey", account, keyName: "Key1", alternative: words.deleteWithoutRevoking },
] as const;
const failed = calls.flatMap((call) =>
  answers.flatMap(({ cause, answer }) =>
    (["unchanged", "unknown"] as const).map((knowledge) => words.callFailed(call, cause, answer, knowledge)),
  ),
);
const notRevoked = (
  [
    "not-revoked-in-use",
    "not-revoked-renewed",
    "not-revoked-lost",
    "not-revoked-gone",
    "not-revoked-local-auth",
  ] as const
).map((code) => words.notRevoked(account, "Key1", code));

/** What is only part of a message, or makes one. */
const parts = [
  ...[
    "codes",
    "codeOf",
    "withoutCode",
    "message",
    "shown",
    "sentence",
    "runAgain",
    "adoptedByCreation",
    "describeAccount",
    "networkReason",
    "listKeysGave",
    "notJson",
  ],
  ...["noAnswerWithin", "answered", "noAgreement", "stillFormer", "noJson", "notAcceptedFor", "noToken"],
  ...["cliReasons", "cloudReasons", "certificateReasons", "identityTokenReasons", "identityTokenUrl", "unknownTenant"],
  ...["loginHostAnswered", "unreadableFile", "noIdentityToken", "ageRemedies", "spareUnread", "renewalUnread"],
  ...["finishedUnread", "deleteWithoutRevoking", "unusableFolder", "othersCanWrite", "keyBeforeIsDead"],
  ...["keyInUseMeanwhile", "settingName", "asAzureNative", "notRead"],
];

/** A message as each way in says it, with settings of its own and without one. */
const ways = [dynamicWay, ...pluginWays].flatMap((wayIn) => [wayIn, { ...wayIn, isUnused: true }]);
const inEachWay = (say: (wayIn: words.WayIn) => string) => ways.map(say);

/** What the provider and the program say, by the name of the words. */
const messages: Record<string, string[]> = {
  callFailed: failed,
  tryingAgain: calls.flatMap((call) =>
    answers.map(({ cause, answer }) => words.tryingAgain(call, cause, answer, 8000)),
  ),
  throttled: [words.throttled(subscriptionId, http(429, "TooManyRequests"), 7_500)],
  unconfirmed: [words.unconfirmed(calls[1], "forbidden", http(403, "AuthorizationFailed"))],
  taken: [words.taken(account, "Key1")],
  renewedElsewhere: [words.renewedElsewhere(account), words.renewedElsewhere(account, "Key1")],
  otherDefault: [words.otherDefault(account, subscriptionId, "Key1")],
  tooSoon: (["created", "published", "rotated"] as const).map((begin) =>
    words.tooSoon(account, "Key1", begin, "PT1H", { from: at, now: at }),
  ),
  spareChanged: [words.spareChanged(account, "Key1")],
  changeFound: [["Key1"], ["Key2"], ["Key1", "Key2"]].map((changed) => words.changeFound(account, changed, "Key1")),
  lostFound: [words.lostFound(account)],
  publishesFound: [words.publishesFound(account)],
  spareLost: [words.spareLost(account, "Key1")],
  unpublished: [words.unpublished(account, "Key1", at, "PT1H")],
  inUseChanged: [words.inUseChanged(account, "Key1")],
  createdAgain: [words.createdAgain(account, "Key1", "Key2")],
  dropped: [words.dropped(account), words.dropped(account, { initial: "Key1", inUse: "Key2" })],
  notRefreshed: failed.map(words.notRefreshed),
  stillUnfinished: [words.stillUnfinished(account, "Key1")],
  readingAgain: [words.readingAgain(account, "Key1", 30_000)],
  readingLater: [words.readingLater(account, 30_000)],
  unread: [words.spareUnread("Key1"), words.renewalUnread, words.finishedUnread].map((one) =>
    words.unread(one, failed[0]),
  ),
  notRevoked,
  unseenProcesses: [words.unseenProcesses(account, "Key1", words.unusableFolder("FOLDER", words.othersCanWrite))],
  unfinished: [{ doubt: words.noAgreement }, { refusal: "HOST refused it (401), for PT5M" }, { refusal: login }].map(
    (left) => words.unfinished(account, "Key1", left, words.keyBeforeIsDead),
  ),
  notAdopted: [words.notAdopted(account, "Key1", "HOST refused it"), words.notAdopted(account, "Key1", login, "Key2")],
  noSubscription: [words.noSubscription(account, undefined, login)],
  readById: [words.readById],
  replacedBeforeUpdate: [words.replacedBeforeUpdate],
  interruptedEarly: [words.interruptedEarly],
  unexpected: [words.unexpected("TypeError")],
  notBegun: [words.notBegun(words.foreignHost("HOST", "CLOUD", ["*.HOST"]))],
  checksNoKey: [{ status: 200 }, { code: "ENOTFOUND" }].map((answer) => words.checksNoKey("HOST", answer)),
  foreignHost: [words.foreignHost("HOST", "CLOUD", ["*.HOST"])],
  unknownHosts: [words.unknownHosts("HOST", "CLOUD")],
  willWait: [words.willWait],
  tryingAdopted: [words.tryingAdopted(account, "Key1", { host: "HOST", answer: { status: 401 }, timeout: "PT5M" })],
  tryingNew: [words.tryingNew(account, "Key1", { host: "HOST", answer: { code: "ECONNRESET" }, timeout: "PT5M" })],
  twoProviders: [words.twoProviders],
  wrongBoolean: [words.wrongBoolean("NAME")],
  unknownSetting: [undefined, "clientId"].map((meant) => words.unknownSetting("NAME", meant, ["clientId", "tenantId"])),
  missingSetting: inEachWay((way) => words.missingSetting(way, "tenantId", "ARM_TENANT_ID", "OIDC")),
  wrongSubscriptionId: inEachWay(words.wrongSubscriptionId),
  wrongClientId: inEachWay(words.wrongClientId),
  wrongMetadataHost: inEachWay(words.wrongMetadataHost),
  wrongEnvironment: inEachWay((way) => words.wrongEnvironment(way, "mars", ["public", "china"])),
  wrongAuxiliaryTenants: inEachWay((way) => words.wrongAuxiliaryTenants(way, "[not shown]")),
  missingOidcToken: inEachWay(words.missingOidcToken),
  twoIdentities: inEachWay(words.twoIdentities),
  noCliLogin: [true, false].flatMap((flag) =>
    inEachWay((way) => words.noCliLogin(way, words.cliReasons.notInstalled, { late: flag, named: flag })),
  ),
  noCliCloud: inEachWay((way) => words.noCliCloud(way, words.notJson, "CLOUD")),
  twoClouds: inEachWay((way) => words.twoClouds(way, "public", "china")),
  twoTenants: inEachWay((way) => words.twoTenants(way, "TENANT", subscriptionId, subscriptionId)),
  noCloud: inEachWay((way) => words.noCloud(way, "https://HOST", words.cloudReasons.noUrl("PROPERTY"))),
  loginFailed: [
    words.noToken,
    words.loginHostAnswered(200),
    words.unknownTenant,
    words.unreadableFile("oidcTokenFilePath", "ENOENT"),
    words.unreadableFile("clientCertificatePath", "ENOENT"),
    words.identityTokenUrl,
    words.noIdentityToken("HOST", words.answered(500)),
    ...Object.values(words.certificateReasons),
  ].flatMap((reason) => inEachWay((way) => words.loginFailed(way, "OIDC", reason))),
  triggerRefused: [words.triggerRefused(resource, "rotationTrigger", words.noJson.gap)],
  foreignProvider: [words.foreignProvider(resource, "PACKAGE"), words.foreignProvider(resource, undefined)],
  secondProcess: [words.secondProcess(resource, "version")],
  readByOption: [words.readByOption(resource, "import")],
  notImportId: [words.notImportId],
  noSuchType: [words.noSuchType("PACKAGE:index:CLASS", ["A", "B"])],
  localAuthNeeded: [words.localAuthNeeded("NAME")],
  inheritedProvider: [words.inheritedProvider],
  unreachedConfiguration: [words.unreachedConfiguration(["azure-native:clientId"])],
  twoVersions: [words.twoVersions("1.0.0", "/FOLDER", "2.0.0")],
  olderThanMaxAge: [undefined, "3 days"].flatMap((ago) => [
    words.olderThanMaxAge("SLOT", "P1D", at, ago, words.ageRemedies.changeTrigger("1")),
    words.olderThanMaxAge("SLOT", undefined, at, ago, words.ageRemedies.changeTrigger()),
  ]),
  ageUnknown: ["P1D", undefined].map((maxAge) => words.ageUnknown("SLOT", maxAge, words.ageRemedies.setTrigger)),
};

/** What Pulumi puts behind the property that it is about. */
const reasons: Record<string, string[]> = {
  accountMissing: [words.accountMissing],
  accountTwice: [words.accountTwice],
  notAccountId: [words.notAccountId],
  wrongPartOfId: [words.wrongPartOfId(words.notResourceGroup)],
  notSubscriptionId: [words.notSubscriptionId],
  notResourceGroup: [words.notResourceGroup],
  notAccountName: [words.notAccountName],
  notKeyName: [words.notKeyName],
  notText: [words.notText([])],
  notBoolean: [words.notBoolean(1)],
  notDuration: [words.notDuration(1)],
  outOfBounds: [words.outOfBounds("PT0S", "P10Y")],
  notAcceptance: [words.notAcceptance],
  acceptanceUrl: Object.values(words.acceptanceUrl),
  notJsonTrigger: [words.notJsonTrigger(words.noJson.circular)],
};

const all = [...Object.values(messages), ...Object.values(reasons)].flat();

describe("words", () => {
  it("are all in this test, each as a message, a reason or a part", () => {
    const listed = [...parts, ...Object.keys(messages), ...Object.keys(reasons)];
    assert.deepEqual(listed.sort(), Object.keys(words).sort());
  });

  it("end in a code, and say none twice", () => {
    for (const text of all) {
      assert.notEqual(words.codeOf(text), undefined, text);
      assert.equal(text.match(/\[[a-z]+(-[a-z]+)*\]/g)?.length, 1, text);
    }
  });

  it("say every code, and the page has a heading for each and no other", () => {
    const said = new Set([...all.map(words.codeOf), "not-installed"]);
    assert.deepEqual([...said].sort(), [...words.codes].sort());
    const headings = [...page.matchAll(/^### ([a-z]+(?:-[a-z]+)*)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings.sort(), [...words.codes].sort());
  });

  it("are told in the provider text, which every state holds", () => {
    assert.match(providerText("RotatingCognitiveAccountKey"), /\[not-installed\]/);
  });

  it("lead with what matters: an outcome of the page's table, and no name within 40 characters", () => {
    const [, table] = /\| it begins with \|.*\n.*\n((?:\|.*\n)+)/.exec(page) as RegExpExecArray;
    const outcomes = table.split("\n").flatMap((row) => row.split("|")[1]?.split(" · ") ?? []);
    const patterns = outcomes.map((one) =>
      one
        .trim()
        .replace(/[.*+?()[\]]/g, "\\$&")
        .replaceAll("…", ".*"),
    );
    const begins = new RegExp(`^(?:warning: [A-Z]|${patterns.join("|")})`);
    for (const text of all) {
      assert.match(text, begins);
      assert.doesNotMatch(text.slice(0, 40), /ACCT|RG|1111|resource group|CLASS|SLOT|HOST/, text);
    }
  });

  it("fit each other: no sentence is ended twice, and nothing is missing", () => {
    for (const text of all) assert.doesNotMatch(text, /\.\.|undefined|null|\s\s|\. ?,/);
  });

  it("are the same for a wait of many resources, whichever waits first", () => {
    assert.doesNotMatch(messages.throttled[0], /ACCT|Key1/);
    assert.match(messages.throttled[0], /^Throttled, trying again in 8 s\. /);
  });

  it("do not say of a wait that was interrupted that its time was up", () => {
    const refusal = words.notAcceptedFor("HOST", { status: 401 }, undefined);
    for (const text of [
      words.unfinished(account, "Key1", { refusal }, words.keyBeforeIsDead),
      words.notAdopted(account, "Key1", refusal, "Key2"),
    ]) {
      assert.match(text, /until it was interrupted/);
      assert.doesNotMatch(text, /in time/);
    }
  });

  it("name a setting as it is typed: of the stack's configuration with its namespace in front", () => {
    const setting = new RegExp(`(?<!\\w)(\\S*?)(?:${Object.keys(loginSettings).join("|")})(?![\\w:])`, "g");
    const configured = [
      words.missingOidcToken,
      words.twoIdentities,
      words.wrongClientId,
      (way: words.WayIn) => words.missingSetting(way, "tenantId", "ARM_TENANT_ID", "OIDC"),
      (way: words.WayIn) => words.noCliLogin(way, words.cliReasons.notInstalled, { late: false, named: true }),
    ];
    for (const way of [dynamicWay, pluginWays[0]]) {
      for (const say of configured) {
        const before = [...say(way).matchAll(setting)].map(([, namespace]) => namespace);
        assert.ok(before.length > 0, say(way));
        assert.deepEqual(new Set(before), new Set([`${way.namespace}:`]), say(way));
      }
    }
  });

  it("import nothing but each other", () => {
    for (const file of files("provider/words")) {
      for (const [, from] of readFileSync(file, "utf8").matchAll(/ from "(.*)"|require\(/g)) {
        assert.match(String(from), /^\.\/\w+$/, file);
      }
    }
  });

  it("stand nowhere else in the provider, the plugin or the program", () => {
    const folders = ["provider", "plugin", "components"];
    const others = folders.flatMap(files).filter((file) => !file.includes("/words/"));
    for (const folder of folders) assert.ok(others.filter((file) => file.includes(`/${folder}/`)).length > 10, folder);
    const isText = /[a-z]{2,}[,:]? [a-z"]{2,}[,:]? [a-z"]{2,}/i;
    const found = others.flatMap((file) => literals(file).filter(({ text }) => isText.test(text)));
    const stored = ["RotatingCognitiveAccountKey", "RotatingCognitiveAccountKeyPair"] as const;
    assert.deepEqual(
      found.filter(({ text }) => !stored.some((className) => providerText(className).includes(text))),
      [],
    );
  });
});

function files(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => join(root, folder, name));
}

/** The texts in a source, without its comments. */
function literals(file: string): { text: string; in: string }[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022);
  const found: { text: string; in: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) {
      found.push({ text: node.text, in: relative(root, file) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
