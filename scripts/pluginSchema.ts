import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";
import type { ClassName } from "../components/providerText";
import { loginSettings } from "../provider/login/loginSettings";
import { keyPairProperties, keyProperties, propertiesOf as namesOf, type Role } from "../provider/propertyRoles";
import {
  commentsOf,
  type DeclaredProperty,
  declarationsIn,
  descriptionOf,
  membersOf,
  propertiesOf,
} from "./declarations";
import { type NamesRepository, repositoryOf } from "./repository";

const packageName = "cognitive-key-rotation";

/**
 * The inputs by whose change a resource is replaced. The schema says so with `willReplaceOnChanges`, which is for readers.
 * `replaceOnChanges` would let the engine decide: it replaces at every difference of such an input that the provider shows
 * (`applyReplaceOnChanges` in Pulumi's step_generator.go), and a replacement issues a key. Whether a resource is replaced is
 * up to the provider, which finishes an unfinished rotation first.
 */
const account = ["accountId", "resourceGroupName", "accountName", "subscriptionId"];

/** The classes of the package, with the roles of their properties and with what replaces them. */
const classes: Record<ClassName, { roles: Readonly<Record<string, Role>>; replacing: readonly string[] }> = {
  RotatingCognitiveAccountKey: { roles: keyProperties, replacing: [...account, "keyName", "rotationTrigger"] },
  RotatingCognitiveAccountKeyPair: { roles: keyPairProperties, replacing: account },
};

type Schema = { [name: string]: unknown };

/** What the schema takes over from package.json. */
interface PackageJson extends NamesRepository {
  name: string;
  description: string;
  keywords: string[];
  license: string;
}

/** `plugin/schema.json`: what code in every language, and its documentation, is made from. */
export function pluginSchemaFile(): Record<string, string> {
  const packageJson = JSON.parse(readFileSync(resolve(__dirname, "../package.json"), "utf8"));
  return { "plugin/schema.json": `${JSON.stringify(pluginSchema(packageJson), undefined, 2)}\n` };
}

/** Without the version, which the plugin adds. */
export function pluginSchema(packageJson: PackageJson): Schema {
  const { name, description, keywords, license } = packageJson;
  const types: Record<string, Schema> = {};
  const login = loginProperties();
  const repository = repositoryOf(packageJson);
  const resources = (Object.keys(classes) as ClassName[]).map((one) => [token(one), resource(one, types)]);
  return {
    name: packageName,
    displayName: "Cognitive Key Rotation",
    description,
    keywords: [...keywords, "category/cloud", "kind/native"],
    license,
    ...(repository && {
      homepage: `https://github.com/${repository.owner}/${repository.name}#readme`,
      repository: `https://github.com/${repository.owner}/${repository.name}`,
      publisher: repository.owner,
      pluginDownloadURL: `github://api.github.com/${repository.owner}/${repository.name}`,
    }),
    language: languages(name),
    config: { variables: login },
    provider: { description: providerDescription, inputProperties: login },
    types,
    resources: Object.fromEntries(resources),
  };
}

/** @param npmName the package of the dynamic way, which a program may have beside the generated one */
function languages(npmName: string): Schema {
  const respectSchemaVersion = true;
  return {
    nodejs: { packageName: `${npmName}-sdk`, respectSchemaVersion },
    python: {
      packageName: "pulumi_cognitive_key_rotation",
      pyproject: { enabled: true },
      inputTypes: "classes-and-dicts",
      respectSchemaVersion,
    },
    go: {
      // The module is generated beside the program and fetched from nowhere. Pulumi's default would change with `repository`.
      importBasePath: `example.com/${npmName}/sdk/go/cognitivekeyrotation`,
      generateResourceContainerTypes: true,
      respectSchemaVersion,
    },
    csharp: { namespaces: { [packageName]: "CognitiveKeyRotation" }, respectSchemaVersion },
    java: { basePackage: "com.pulumi" },
  };
}

const providerDescription =
  "How the resources of this provider log in to Azure. The settings and their order are the same as in azure-native. A " +
  "setting that is absent is taken from the environment. The stack's configuration counts only for the default provider.";

/**
 * Each setting of the login. Without `defaultInfo`, by which a program would read the environment: it would put the secrets
 * that it finds there into the state of its stack.
 */
function loginProperties(): Schema {
  const comments = commentsOf("loginSettings", "provider/login/loginSettings.ts");
  const settings: [string, { variables: readonly string[]; type?: "boolean" | "list"; secret?: true }][] =
    Object.entries(loginSettings);
  return Object.fromEntries(
    settings.map(([name, { variables, type, secret }]) => [
      name,
      {
        ...settingTypes[type ?? "text"],
        description: comments[name] + inEnvironment(variables),
        ...(secret && { secret }),
      },
    ]),
  );
}

const settingTypes = {
  text: { type: "string" },
  boolean: { type: "boolean" },
  list: { type: "array", items: { type: "string" } },
};

function inEnvironment(variables: readonly string[]): string {
  const names = variables.map((variable) => `\`${variable}\``).join(", or else ");
  return names && `\n\nIn the environment: ${names}.`;
}

const declarations = declarationsIn(
  "components/accountArgs.ts",
  "components/rotatingCognitiveAccountKey.ts",
  "components/rotatingCognitiveAccountKeyPair.ts",
);

function resource(name: ClassName, types: Record<string, Schema>): Schema {
  const { roles, replacing } = classes[name];
  const outputs = propertiesOf(name, declarations);
  const inputs = propertiesOf(`${name}Args`, declarations);
  const secret = namesOf(roles, "secret output");
  return {
    description: descriptionOf(declared(name)),
    properties: byName(outputs, (property) => ({
      ...schemaOf(property, name, types),
      ...(secret.includes(property.name) && { secret: true }),
    })),
    required: outputs.filter(isAlwaysThere).map((property) => property.name),
    inputProperties: byName(inputs, (property) => ({
      ...schemaOf(property, name, types),
      ...(replacing.includes(property.name) && { willReplaceOnChanges: true }),
    })),
    aliases: [{ type: `pulumi-nodejs:dynamic:${name}` }],
  };
}

/** Whether an output has a value in every state that the resource can be in. */
function isAlwaysThere({ type }: DeclaredProperty): boolean {
  return !/\b(undefined|unknown)>$/.test(type.getText().replace(/\s/g, ""));
}

function byName(properties: DeclaredProperty[], shown: (property: DeclaredProperty) => Schema): Schema {
  return Object.fromEntries(properties.map((property) => [property.name, shown(property)]));
}

function schemaOf(property: DeclaredProperty, owner: string, types: Record<string, Schema>): Schema {
  const { name, description } = property;
  const place = { name: `${owner}${name[0].toUpperCase()}${name.slice(1)}`, description };
  return { ...typeOf(property.type, place, types), description };
}

/**
 * The schema's word for a type; adds the types that it names to `types`.
 *
 * @param place what an object type without a name of its own is called
 */
function typeOf(
  type: ts.TypeNode,
  place: { name: string; description: string },
  types: Record<string, Schema>,
): Schema {
  if (ts.isUnionTypeNode(type)) {
    const present = type.types.filter((one) => one.kind !== ts.SyntaxKind.UndefinedKeyword);
    if (present.length === 1) return typeOf(present[0], place, types);
  }
  if (ts.isArrayTypeNode(type)) return { type: "array", items: typeOf(type.elementType, place, types) };
  if (ts.isTypeLiteralNode(type)) return objectType(place.name, place.description, membersOf(type), types);
  if (ts.isTypeReferenceNode(type)) {
    const [argument] = type.typeArguments ?? [];
    if (argument !== undefined) return typeOf(argument, place, types);
    return namedType(type.getText(), types);
  }
  const word = words.get(type.kind);
  if (word !== undefined) return word;
  throw new Error(`${place.name}: the schema has no word for ${type.getText()}`);
}

const anything = { $ref: "pulumi.json#/Any" };

/** No number of this package is a fraction. */
const words = new Map<ts.SyntaxKind, Schema>([
  [ts.SyntaxKind.StringKeyword, { type: "string" }],
  [ts.SyntaxKind.BooleanKeyword, { type: "boolean" }],
  [ts.SyntaxKind.NumberKeyword, { type: "integer" }],
  [ts.SyntaxKind.UnknownKeyword, anything],
]);

function namedType(name: string, types: Record<string, Schema>): Schema {
  if (name === "Json") return anything;
  const declaration = declared(name);
  const description = descriptionOf(declaration);
  if (!ts.isTypeAliasDeclaration(declaration)) {
    // Each language adds the ending to what is given.
    return objectType(name.replace(/Args$/, ""), description, propertiesOf(name, declarations), types);
  }
  const values = declaration.type
    .getText()
    .split(" | ")
    .map((value) => ({ value: JSON.parse(value) }));
  types[token(name)] = { description, type: "string", enum: values };
  return { $ref: `#/types/${token(name)}` };
}

function objectType(
  name: string,
  description: string,
  properties: DeclaredProperty[],
  types: Record<string, Schema>,
): Schema {
  const required = properties.filter(({ isOptional }) => !isOptional).map((property) => property.name);
  types[token(name)] = {
    description,
    type: "object",
    properties: byName(properties, (property) => schemaOf(property, name, types)),
    ...(required.length > 0 && { required }),
  };
  return { $ref: `#/types/${token(name)}` };
}

function declared(name: string) {
  const declaration = declarations.get(name);
  if (declaration === undefined) throw new Error(`${name} is not declared in components/`);
  return declaration;
}

function token(name: string): string {
  return `${packageName}:index:${name}`;
}
