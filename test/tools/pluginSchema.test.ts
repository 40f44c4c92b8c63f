import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { RotatingCognitiveAccountKey, RotatingCognitiveAccountKeyPair } from "../../components";
import { packageName, packageSchema, version } from "../../plugin/packageSchema";
import { resources } from "../../plugin/resources";
import { withFingerprint } from "../../provider/fingerprint";
import { KeyHandler } from "../../provider/key";
import type { KeyOutputs } from "../../provider/keyOutcomes";
import { KeyPairHandler } from "../../provider/keyPair";
import type { KeyPairOutputs } from "../../provider/keyPairOutcomes";
import { loginSettings } from "../../provider/login/loginSettings";
import { keyPairProperties, keyProperties, propertiesOf, type Role } from "../../provider/propertyRoles";
import { bothSlots } from "../../provider/slots";
import { pluginSchema, pluginSchemaFile } from "../../scripts/pluginSchema";
import { account, FakeAzure } from "../support/fakeAzure";
import { registered } from "../support/mockedProgram";

interface Property {
  type?: string;
  items?: Property;
  $ref?: string;
  description: string;
  secret?: boolean;
  willReplaceOnChanges?: boolean;
}
type Properties = Record<string, Property>;
interface ObjectType {
  description: string;
  properties: Properties;
  required?: string[];
}
interface Resource extends ObjectType {
  inputProperties: Properties;
  aliases: { type: string }[];
}
interface Schema {
  name: string;
  version?: string;
  repository?: string;
  publisher?: string;
  pluginDownloadURL?: string;
  config: { variables: Properties };
  provider: { description: string; inputProperties: Properties };
  types: Record<string, ObjectType & { enum?: { value: string }[] }>;
  resources: Record<string, Resource>;
}

interface Setting {
  variables: readonly string[];
  type?: string;
  secret?: boolean;
}

const packageJson = JSON.parse(readFileSync(resolve(__dirname, "../../package.json"), "utf8"));
const schema = pluginSchema(packageJson) as unknown as Schema;
const typeToken = (name: string) => `cognitive-key-rotation:index:${name}`;
const reference = (name: string) => `#/types/${typeToken(name)}`;
const sorted = (names: Iterable<string>) => [...names].sort();

const where = { resourceGroupName: "rg", accountName: "acct" };
const { subscriptionId } = account;
const accountId = `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acct`;
const state: KeyOutputs = {
  ...where,
  subscriptionId,
  keyName: "Key1",
  rotationTrigger: "a",
  ...withFingerprint("old-1"),
};
const pairState: KeyPairOutputs = { ...state, previousKey: "old-2", previousKeyName: "Key2", rotationCount: 0 };

/** Each class with its table, and what the provider says of other inputs than those of a resource in state. */
const classes: [
  name: string,
  make: (name: string) => pulumi.CustomResource,
  table: Readonly<Record<string, Role>>,
  diff: (news: never) => Promise<{ replaces?: string[] }>,
][] = [
  [
    "RotatingCognitiveAccountKey",
    (name) => new RotatingCognitiveAccountKey(name, where),
    keyProperties,
    (news) => new KeyHandler(new FakeAzure([]).context(subscriptionId)).diff("id", state, news),
  ],
  [
    "RotatingCognitiveAccountKeyPair",
    (name) => new RotatingCognitiveAccountKeyPair(name, where),
    keyPairProperties,
    (news) => new KeyPairHandler(new FakeAzure([]).context(subscriptionId)).diff("id", pairState, news),
  ],
];

/** Every text that a reader of the schema sees, with the path to it. */
function descriptions(node: unknown, path = ""): [path: string, text: unknown][] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]): [string, unknown][] =>
    key === "description" ? [[path, value]] : descriptions(value, `${path}/${key}`),
  );
}

/** Every object of properties in the schema. */
const allProperties = [
  schema.config.variables,
  schema.provider.inputProperties,
  ...Object.values(schema.types).map(({ properties }) => properties ?? {}),
  ...Object.values(schema.resources).flatMap(({ properties, inputProperties }) => [properties, inputProperties]),
];

describe("the plugin's schema", () => {
  it("is written as the sources give it, without a version, which the plugin adds", () => {
    const [[file, content]] = Object.entries(pluginSchemaFile());
    assert.equal(readFileSync(resolve(__dirname, "../..", file), "utf8"), content, 'outdated: run "npm run docs"');
    assert.equal(schema.version, undefined);
    assert.deepEqual(packageSchema, { ...JSON.parse(content), version });
  });

  it("has the package and the resources that the plugin serves, and no other", () => {
    assert.equal(schema.name, packageName);
    assert.deepEqual(Object.keys(schema.resources), Object.keys(resources));
    assert.deepEqual(
      Object.keys(schema.resources),
      classes.map(([name]) => typeToken(name)),
    );
  });

  for (const [name, make, table, diff] of classes) {
    describe(`has of ${name}`, () => {
      const resource = schema.resources[typeToken(name)];

      it("each input, each output, and which of them are secret", () => {
        assert.deepEqual(sorted(Object.keys(resource.inputProperties)), sorted(propertiesOf(table, "input")));
        assert.deepEqual(sorted(Object.keys(resource.properties)), sorted(Object.keys(table)));
        const secret = Object.keys(resource.properties).filter((property) => resource.properties[property].secret);
        assert.deepEqual(sorted(secret), sorted(propertiesOf(table, "secret output")));
      });

      it("the type that stacks of the dynamic class have in their state, as an alias", async () => {
        const resources = await registered(() => make("one"));
        assert.deepEqual(
          resource.aliases,
          resources.map(({ type }) => ({ type })),
        );
      });

      it("the inputs by whose change a resource is replaced", async () => {
        const byId = { accountId, rotationTrigger: "a" };
        const byName = { ...where, rotationTrigger: "a" };
        const changes: Record<string, object> = {
          accountId: { ...byId, accountId: `${accountId}-2` },
          resourceGroupName: { ...byName, resourceGroupName: "rg-2" },
          accountName: { ...byName, accountName: "acct-2" },
          subscriptionId: { ...byName, subscriptionId: "22222222-2222-4222-8222-222222222222" },
          keyName: { ...byName, keyName: "Key2" },
          rotationTrigger: { ...byName, rotationTrigger: "b" },
          initialKeyName: { ...byName, initialKeyName: "Key2" },
          minimumOverlap: { ...byName, minimumOverlap: "PT0S" },
          revokeOnDelete: { ...byName, revokeOnDelete: true },
          waitUntilAccepted: { ...byName, waitUntilAccepted: { url: "https://acct.cognitive.example/models" } },
          maxAge: { ...byName, maxAge: "P1D" },
        };
        for (const [input, { willReplaceOnChanges = false }] of Object.entries(resource.inputProperties)) {
          const { replaces = [] } = await diff(changes[input] as never);
          assert.deepEqual(replaces, willReplaceOnChanges ? [input] : [], input);
        }
      });
    });
  }

  it("demands no replacement that the provider does not ask for, and gives no input a value", () => {
    for (const properties of allProperties) {
      for (const [name, property] of Object.entries(properties)) {
        for (const field of ["replaceOnChanges", "default", "defaultInfo", "const"]) {
          assert.ok(!(field in property), `${name} has ${field}`);
        }
      }
    }
  });

  it("has the types of the properties", () => {
    const key = schema.resources[typeToken("RotatingCognitiveAccountKey")];
    const pair = schema.resources[typeToken("RotatingCognitiveAccountKeyPair")];
    const type = ({ type, $ref }: Property) => type ?? $ref;
    assert.equal(type(pair.inputProperties.accountId), "string");
    assert.equal(type(key.inputProperties.revokeOnDelete), "boolean");
    assert.equal(type(pair.properties.rotationCount), "integer");
    assert.equal(type(pair.inputProperties.rotationTrigger), "pulumi.json#/Any");
    assert.equal(type(pair.properties.rotationTrigger), "pulumi.json#/Any");
    for (const slot of [
      ...[key.inputProperties.keyName, key.properties.keyName, pair.properties.keyName],
      ...[pair.inputProperties.initialKeyName, pair.properties.previousKeyName],
    ]) {
      assert.equal(type(slot), reference("CognitiveAccountKeyName"));
    }
    for (const { inputProperties, properties } of [key, pair]) {
      assert.equal(type(inputProperties.waitUntilAccepted), reference("WaitUntilAccepted"));
      assert.equal(type(properties.waitUntilAccepted), reference("WaitUntilAccepted"));
    }
    assert.equal(type(key.properties.unfinished), reference("RotatingCognitiveAccountKeyUnfinished"));
    assert.equal(type(pair.properties.unfinished), reference("RotatingCognitiveAccountKeyPairUnfinished"));
    const { superseded } = schema.types[typeToken("RotatingCognitiveAccountKeyPairUnfinished")].properties;
    assert.deepEqual([superseded.type, superseded.items], ["array", { type: "string" }]);
  });

  it("has the two slots as the values of an enum", () => {
    assert.deepEqual(
      schema.types[typeToken("CognitiveAccountKeyName")].enum?.map(({ value }) => value),
      bothSlots(where).map(({ keyName }) => keyName),
    );
  });

  it("requires the outputs that are there from the start, and no input but the URL to wait for", () => {
    const required = (of: Record<string, { required?: string[] }>, name: string) => of[typeToken(name)].required;
    const always = ["key", "keyFingerprint", "keyName", "subscriptionId"];
    assert.deepEqual(sorted(required(schema.resources, "RotatingCognitiveAccountKey") ?? []), always);
    assert.deepEqual(
      sorted(required(schema.resources, "RotatingCognitiveAccountKeyPair") ?? []),
      sorted([...always, "previousKey", "previousKeyName", "rotationCount"]),
    );
    assert.deepEqual(required(schema.types, "WaitUntilAccepted"), ["url"]);
    for (const resource of Object.values(schema.resources)) assert.ok(!("requiredInputs" in resource));
  });

  it("has each setting of the login, with its variables and whether it is secret", () => {
    assert.deepEqual(schema.config.variables, schema.provider.inputProperties);
    assert.deepEqual(Object.keys(schema.config.variables), Object.keys(loginSettings));
    const types: Record<string, string> = { list: "array", boolean: "boolean", text: "string" };
    for (const [name, setting] of Object.entries<Setting>(loginSettings)) {
      const { variables, type = "text", secret = false } = setting;
      const property = schema.config.variables[name];
      assert.equal(property.type, types[type], name);
      assert.equal(property.secret ?? false, secret, name);
      const named = property.description.match(/`[A-Z_]+`/g) ?? [];
      assert.deepEqual(
        named,
        variables.map((variable) => `\`${variable}\``),
        name,
      );
    }
  });
});

describe("the descriptions in the plugin's schema", () => {
  it("are there for all that has a name", () => {
    for (const properties of allProperties) {
      for (const [name, { description }] of Object.entries(properties)) assert.match(description ?? "", /\w{3}/, name);
    }
    for (const [token, { description }] of Object.entries({ ...schema.types, ...schema.resources })) {
      assert.match(description ?? "", /\w{3}/, token);
    }
  });

  it("name the default and an example of an input", () => {
    const { maxAge, keyName } = schema.resources[typeToken("RotatingCognitiveAccountKey")].inputProperties;
    assert.match(maxAge.description, /\n\nDefault: no warning\.\n\nExample: `"P90D"`\.$/);
    assert.match(keyName.description, /\n\nDefault: `"Key1"`\.$/);
  });

  it("have no line break inside a paragraph, no tag and no link of the comments", () => {
    for (const [path, text] of descriptions(schema)) assert.doesNotMatch(String(text), /[^\n]\n[^\n]|@\w|\{@/, path);
  });

  it("name nothing that is not in every language", () => {
    const known = new Set([
      ...allProperties.flatMap((properties) => Object.keys(properties)),
      ...classes.map(([name]) => name),
      ...["getOutput", "requireOutput"],
    ]);
    for (const [path, text] of descriptions(schema)) {
      assert.doesNotMatch(
        String(text),
        /azure-native's configuration|\bOutputs?\b|Promise|transformation|`Date`|\bNaN\b|dynamic|pulumi-nodejs|TypeScript/,
        path,
      );
      const names = [...String(text).matchAll(/`([A-Za-z]*[a-z][A-Z][A-Za-z]*)`/g)].map(([, name]) => name);
      assert.deepEqual(
        names.filter((name) => !known.has(name)),
        [],
        path,
      );
    }
  });
});

describe("where the plugin is downloaded from", () => {
  it("is the repository that package.json names", () => {
    const repository = { url: "git+https://github.com/somebody/some-fork.git" };
    const fork = pluginSchema({ ...packageJson, repository }) as unknown as Schema;
    assert.equal(fork.pluginDownloadURL, "github://api.github.com/somebody/some-fork");
    assert.equal(fork.repository, "https://github.com/somebody/some-fork");
    assert.equal(fork.publisher, "somebody");
  });

  it("is left out without one", () => {
    const none = pluginSchema({ ...packageJson, repository: undefined });
    assert.deepEqual(
      ["pluginDownloadURL", "repository", "publisher"].filter((field) => field in none),
      [],
    );
  });
});
