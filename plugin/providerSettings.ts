import { type LoginSettingName, loginSettings } from "../provider/login/loginSettings";
import { isUnknown } from "../provider/unknown";
import { unknownSetting, wrongBoolean } from "../provider/words";
import { nearestName } from "./nearestName";

const settings = Object.keys(loginSettings);

/** What the engine itself adds to a provider's arguments. */
const ofTheEngine = /^(version|pluginDownloadURL|__.*)$/;

/** Why a setting is not taken; `undefined` where it is. */
export function refusedSetting(name: string, value: unknown): string | undefined {
  if (ofTheEngine.test(name)) return undefined;
  if (!Object.hasOwn(loginSettings, name)) {
    return unknownSetting(name, nearestName(name, settings), settings);
  }
  const { type }: { variables: readonly string[]; type?: string } = loginSettings[name as LoginSettingName];
  if (type !== "boolean" || isUnknown(value) || /^(true|false|)$/.test(String(value))) return undefined;
  return wrongBoolean(name);
}

/** An explicit provider, as a person names it; `undefined` for the one that the stack's configuration makes. */
export function explicitProvider(urn = ""): string | undefined {
  const name = urn.split("::").slice(3).join("::");
  return name === "" || /^default($|_)/.test(name) ? undefined : `provider "${name}"`;
}
