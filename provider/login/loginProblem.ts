import type { Reason } from "../words";

/** Why a login cannot be tried, with a heading of its own. */
export class LoginProblem extends Error {
  constructor(readonly reason: Reason) {
    super(reason.text);
  }
}
