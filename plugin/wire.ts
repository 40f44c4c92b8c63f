import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { keyPairProperties, keyProperties, propertiesOf } from "../provider/propertyRoles";

/** The name under which an object says that it stands for something else (pulumi/pulumi, sdk/go/common/resource). */
export const markName = "4dabf18193072939515e22adb298388d";
/** The mark of a secret in what a provider answers. */
const signature = { [markName]: "1b47061264138c4ac30d75fd1eb44270" };

const secrets = new Set(
  [keyProperties, keyPairProperties].flatMap((properties) => propertiesOf(properties, "secret output")),
);

/** The properties of a message. Secrets arrive in plaintext, as this provider does not accept them. */
export function fromWire(properties: Struct | undefined): Record<string, unknown> {
  return properties?.toJavaScript() ?? {};
}

/** Inputs: the engine marks those again that came as secrets. */
export function inputsToWire(inputs: object): Struct {
  return Struct.fromJavaScript(withoutUndefined(inputs));
}

/** Outputs, their keys as secrets. */
export function outputsToWire(outputs: object): Struct {
  const marked = Object.entries(withoutUndefined(outputs)).map(([name, value]) => [
    name,
    secrets.has(name) ? { ...signature, value } : value,
  ]);
  return Struct.fromJavaScript(Object.fromEntries(marked));
}

/** The message knows no `undefined`. */
function withoutUndefined(properties: object): Record<string, JavaScriptValue> {
  return JSON.parse(JSON.stringify(properties));
}
