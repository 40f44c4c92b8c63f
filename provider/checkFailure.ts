/** An input that is refused before anything is sent. */
export interface CheckFailure {
  /** Its path in the program, such as `waitUntilAccepted.url`. */
  property: string;
  /** Never its value, which may be a secret: Pulumi shows one that is not beside the reason. */
  reason: string;
}
