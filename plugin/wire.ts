import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type LoginSettingName, loginSettings } from "../provider/login/loginSettings";
import { keyPairProperties, keyProperties, propertiesOf } from "../provider/propertyRoles";
import { asSecret } from "../provider/secretMark";

const secretOutputs = new Set(
  [keyProperties, keyPairProperties].flatMap((properties) => propertiesOf(properties, "secret output")),
);
const secretSettings = new Set(
  (Object.keys(loginSettings) as LoginSettingName[]).filter((name) => "secret" in loginSettings[name]),
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
  return marked(outputs, secretOutputs);
}

/** The settings of a provider. Its secrets are encrypted in state, also where a program gives them in plaintext. */
export function settingsToWire(settings: object): Struct {
  return marked(settings, secretSettings);
}

function marked(properties: object, secrets: ReadonlySet<string>): Struct {
  const entries = Object.entries(withoutUndefined(properties)).map(([name, value]) => [
    name,
    secrets.has(name) ? asSecret(value) : value,
  ]);
  return Struct.fromJavaScript(Object.fromEntries(entries));
}

/** The message knows no `undefined`. */
function withoutUndefined(properties: object): Record<string, JavaScriptValue> {
  return JSON.parse(JSON.stringify(properties));
}
