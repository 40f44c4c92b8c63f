import type { WayIn } from "../words";
import { type LoginSettingName, loginSettings } from "./loginSettings";

/** Reads one setting: one that is configured wins over the environment, even when it is empty. */
export interface SettingReader {
  (name: LoginSettingName): string;
  /** How a person knows the settings. */
  readonly wayIn: WayIn;
}

/**
 * The reader azure-native uses: what is configured first, then the environment. A value is given without the blanks and
 * line breaks around it.
 *
 * @param config gives what is configured in this way in, as text or JSON, or `undefined` when a setting is absent
 */
export function settingReader(
  wayIn: Omit<WayIn, "isUnused">,
  config: (name: LoginSettingName) => string | undefined,
  environment: Record<string, string | undefined>,
): SettingReader {
  const read = (name: LoginSettingName): string => {
    const { variables, trimmed = "blanks" }: { variables: readonly string[]; trimmed?: string } = loginSettings[name];
    const value = config(name) ?? variables.map((variable) => environment[variable]).find((one) => one) ?? "";
    if (trimmed === "nothing") return value;
    if (trimmed === "lineBreaks") return value.replace(/[\r\n]+$/, "");
    // Blanks alone are something that is set, for azure-native too: another method must not take its place.
    return value.trim() || value;
  };
  const names = Object.keys(loginSettings) as LoginSettingName[];
  return Object.assign(read, { wayIn: { ...wayIn, isUnused: names.every((name) => config(name) === undefined) } });
}
