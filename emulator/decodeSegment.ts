/** A path segment without its percent escapes; one that is malformed stays as it is, and then names nothing. */
export function decodeSegment(segment = ""): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
