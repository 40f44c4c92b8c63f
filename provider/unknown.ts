/** What stands for an unknown value in `check` and `diff`, whatever its type and however deep (pulumi/pulumi#6310). */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9" as const;

/** Whether the value is, or contains, something that is not known before the deployment. */
export function isUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(isUnknown);
}
