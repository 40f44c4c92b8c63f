import fc from "fast-check";
import type { Answer, Fault, FaultCall, KeyName } from "../../emulator/emulator";
import type { EmulatedProvider } from "../support/emulatedProvider";

/** What a person changes in the program before an `up`; what is absent stays. */
export interface Edit {
  /** `new` has never been there before, `earlier` is one that has. */
  trigger?: "new" | "earlier" | "removed";
  minimumOverlap?: "PT0S" | "default";
  /** `keyName` of a single key; `initialKeyName` of a pair. */
  keyName?: KeyName;
  /** Of a single key. */
  revokeOnDelete?: boolean;
  waitUntilAccepted?: boolean;
}

/** What goes wrong during one command. */
export type Trouble =
  /** The calls of an operation are answered so, one after the other; those after them go well, unless it is for ever. */
  | { to: "listKeys" | "regenerateKey"; answers: FaultName[]; forEver?: true }
  /** Engine and provider are killed during the n-th call: before it has arrived, or after it was carried out. */
  | { killed: "before" | "after"; call: number }
  | "local authentication off"
  | "login refused"
  | "another resource fails";

export interface Up {
  run: "up" | "up --replace";
  edit?: Edit;
  /** For how many seconds the data plane refuses a new key; a program that waits does so for 30. */
  lag?: number;
  /** For how many seconds listKeys goes on giving a key that this command has ended. */
  readingLag?: number;
  /** What the trigger comes from is replaced delete-first, and made again or not. */
  upstream?: "replaced" | "failed";
  troubles?: Trouble[];
}

/** One thing that happens to a stack or its account. */
export type Step =
  | Up
  | { run: "refresh"; troubles?: Trouble[] }
  | { run: "destroy"; troubles?: Trouble[] }
  /** Somebody else regenerates a key. */
  | { regenerated: KeyName }
  /** `pulumi stack import` of the state that so many successful commands ago have left. */
  | { restored: number }
  /** `pulumi stack import` of an export that was made with a wrong passphrase: every secret is null. */
  | { restored: "without secrets" }
  | { minutesPass: number };

/** `well` is no fault, so that the next one strikes a later call. */
type FaultName = keyof typeof faults | "well";

/** A few answers of each kind of `test/contract/faultMatrix.ts`, which has all of them. */
const faults = {
  reset: { strikes: "beforeEffect", outcome: "reset" },
  "reset after the effect": { strikes: "afterEffect", outcome: "reset" },
  "503 ServerBusy": { strikes: "beforeEffect", outcome: envelope(503, "ServerBusy") },
  "503 ServerBusy after the effect": { strikes: "afterEffect", outcome: envelope(503, "ServerBusy") },
  "200 {} after the effect": { strikes: "afterEffect", outcome: { status: 200, body: {} } },
  silence: { strikes: "beforeEffect", outcome: "silence" },
  "silence after the effect": { strikes: "afterEffect", outcome: "silence" },
  "cut off in the middle": { strikes: "afterEffect", outcome: "truncated" },
  "effect 2 s late": { strikes: "late", afterMs: 2_000, outcome: "reset" },
  "effect 8 s late": { strikes: "late", afterMs: 8_000, outcome: "reset" },
  "429 TooManyRequests": { strikes: "beforeEffect", outcome: envelope(429, "TooManyRequests") },
  "409 RequestConflict": { strikes: "beforeEffect", outcome: envelope(409, "RequestConflict") },
  "403 AuthorizationFailed": { strikes: "beforeEffect", outcome: envelope(403, "AuthorizationFailed") },
  "401 ExpiredAuthenticationToken": { strikes: "beforeEffect", outcome: envelope(401, "ExpiredAuthenticationToken") },
  "404 ResourceNotFound": { strikes: "beforeEffect", outcome: envelope(404, "ResourceNotFound") },
  "404 in HTML": { strikes: "beforeEffect", outcome: { status: 404, body: "<html>404</html>" } },
  "503 ServerBusy, effect 4 s late": { strikes: "late", afterMs: 4_000, outcome: envelope(503, "ServerBusy") },
  "303 to the same host after the effect": { strikes: "afterEffect", outcome: redirect(303) },
  "307 to the same host after the effect": { strikes: "afterEffect", outcome: redirect(307) },
  "200 with the keys from before": { strikes: "beforeEffect", outcome: { status: 200, body: {} } },
} satisfies Record<string, Fault>;

const forbidden = faults["403 AuthorizationFailed"];

/** The answers that say clearly that nothing was done. All others leave a doubt. */
const clear: readonly Fault[] = [
  forbidden,
  faults["429 TooManyRequests"],
  faults["409 RequestConflict"],
  faults["401 ExpiredAuthenticationToken"],
  faults["404 ResourceNotFound"],
];

/** Strikes the calls of one command. */
export class TroubleMaker {
  /** Whether engine and provider were killed. */
  killed = false;
  /** Whether any call has met a fault; local authentication that is off meets all. */
  struck: boolean;
  /** The operations whose answers have left a doubt. */
  readonly doubtful: FaultCall["operation"][] = [];
  /** How often no account was found. */
  accountsMissed = 0;
  /** Whether a reading was refused for a lack of rights. */
  forbade = false;
  /** Whether a success has renewed nothing. */
  renewedNothing = false;
  private keyCalls = 0;
  private readonly answered = new Map<Trouble, number>();

  constructor(private readonly troubles: readonly Trouble[]) {
    this.struck = troubles.includes("local authentication off");
  }

  readonly strike = ({ operation }: FaultCall, { account, emulator }: EmulatedProvider): Fault | undefined => {
    const chosen = this.choose(operation);
    // That is a fault of renewals; a reading of before is one that lags.
    const fault = chosen === faults["200 with the keys from before"] && operation === "listKeys" ? undefined : chosen;
    this.struck ||= fault !== undefined;
    if (fault && !clear.includes(fault)) this.doubtful.push(operation);
    this.forbade ||= fault === forbidden && operation === "listKeys";
    if (fault === faults["404 ResourceNotFound"]) this.accountsMissed++;
    if (fault === faults["200 with the keys from before"]) {
      this.renewedNothing ||= operation === "regenerateKey";
      return { strikes: "beforeEffect", outcome: { status: 200, body: { ...account.keys } } };
    }
    if (typeof fault?.outcome !== "object" || fault.outcome.headers?.Location === undefined) return fault;
    return { ...fault, outcome: { ...fault.outcome, headers: { Location: `${emulator.url}/elsewhere` } } };
  };

  private choose(operation: FaultCall["operation"]): Fault | undefined {
    if (operation === "token" && this.troubles.includes("login refused")) return refusedLogin;
    const isKeyCall = operation === "listKeys" || operation === "regenerateKey";
    if (isKeyCall) this.keyCalls++;
    // What a killed process would send never arrives. Refused, it soon has nothing left to do, and nobody hears what it says.
    if (this.killed) return forbidden;
    for (const trouble of isKeyCall ? this.troubles : []) {
      if (typeof trouble === "string") continue;
      if ("killed" in trouble) {
        this.killed = trouble.call === this.keyCalls;
        if (this.killed) return trouble.killed === "before" ? forbidden : { ...forbidden, strikes: "afterEffect" };
      } else if (trouble.to === operation) {
        const { answers, forEver } = trouble;
        const answered = this.answered.get(trouble) ?? 0;
        this.answered.set(trouble, answered + 1);
        const answer = answers[forEver ? Math.min(answered, answers.length - 1) : answered];
        if (answer && answer !== "well") return faults[answer];
      }
    }
    return undefined;
  }
}

const refusedLogin: Fault = {
  strikes: "beforeEffect",
  outcome: {
    status: 400,
    body: { error: "unauthorized_client", error_description: "AADSTS700016: no such application" },
  },
};

/** The host is put in when it strikes. */
function redirect(status: number): Answer {
  return { status, headers: { Location: "" } };
}

function envelope(status: number, code: string): Answer {
  return { status, body: { error: { code, message: "The service's own words." } } };
}

const keyName = fc.constantFrom<KeyName>("Key1", "Key2");

const faultName = fc.constantFrom(...(Object.keys(faults) as FaultName[]), "403 AuthorizationFailed", "well", "well");

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        to: fc.constantFrom<"listKeys" | "regenerateKey">("regenerateKey", "regenerateKey", "listKeys"),
        answers: fc.array(faultName, { minLength: 1, maxLength: 3, size: "max" }),
        forEver: maybe(3, fc.constant<true>(true)),
      })
      .map((one): Trouble => withoutGaps(one)),
  },
  {
    // A doubt, and then readings of which some fail.
    weight: 2,
    arbitrary: fc.record({
      to: fc.constant<"listKeys">("listKeys"),
      answers: fc.tuple(fc.constant<FaultName>("well"), fc.constantFrom<FaultName>("well", "reset"), faultName),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      killed: fc.constantFrom<"before" | "after">("before", "after"),
      call: fc.constantFrom(1, 1, 2, 3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Trouble>("another resource fails", "local authentication off", "login refused"),
  },
);

const troubles = fc.array(trouble, { minLength: 1, maxLength: 2, size: "max" });

const edits = {
  minimumOverlap: maybe(2, fc.constantFrom<Edit["minimumOverlap"]>("PT0S", "PT0S", "default")),
  keyName: maybe(6, keyName),
  revokeOnDelete: maybe(2, fc.constantFrom(true, true, false)),
  waitUntilAccepted: maybe(2, fc.constantFrom(true, true, false)),
};
const lag = maybe(1, fc.constantFrom(10, 600, 600));
const readingLag = maybe(3, fc.constantFrom(5, 25));
const upstream = maybe(6, fc.constantFrom<Up["upstream"]>("replaced", "replaced", "failed"));

const step: fc.Arbitrary<Step> = fc
  .oneof(
    {
      weight: 7,
      arbitrary: fc.record({
        run: fc.constant<"up">("up"),
        edit: fc.record({ trigger: fc.constant<"new">("new"), ...edits }).map(withoutGaps<Edit>),
        lag,
        readingLag,
        upstream,
        troubles: maybe(1, troubles),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        run: fc.constantFrom<Up["run"]>("up", "up", "up", "up", "up --replace"),
        edit: fc
          .record({ trigger: maybe(3, fc.constantFrom<Edit["trigger"]>("earlier", "removed")), ...edits })
          .map(withoutGaps<Edit>),
        lag,
        readingLag,
        upstream,
        troubles: maybe(3, troubles),
      }),
    },
    { weight: 2, arbitrary: fc.record({ run: fc.constant<"refresh">("refresh"), troubles: maybe(3, troubles) }) },
    { weight: 1, arbitrary: fc.record({ run: fc.constant<"destroy">("destroy"), troubles: maybe(1, troubles) }) },
    { weight: 2, arbitrary: fc.record({ regenerated: keyName }) },
    {
      weight: 1,
      arbitrary: fc.record({ restored: fc.constantFrom<1 | 2 | "without secrets">(1, 2, "without secrets") }),
    },
    { weight: 2, arbitrary: fc.record({ minutesPass: fc.constantFrom(1, 59, 60, 3 * 24 * 60) }) },
  )
  .map((one): Step => withoutGaps(one));

/** What happens to one stack from its beginning. */
export const sequences: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: 12, size: "max" });

/** Absent so many times as often as present. */
function maybe<T>(weight: number, values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: values },
  );
}

/** Without what says nothing, so that a counterexample shows what matters. */
function withoutGaps<T extends object>(value: T): T {
  const isGap = (one: unknown) => one === undefined || (typeof one === "object" && Object.keys(one ?? {}).length === 0);
  return Object.fromEntries(Object.entries(value).filter(([, one]) => !isGap(one))) as T;
}
