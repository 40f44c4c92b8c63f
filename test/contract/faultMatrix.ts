import type { Answer, Fault, FaultCall, Outcome } from "../../emulator/emulator";
import type { EmulatedProvider } from "../support/emulatedProvider";
import { group, name } from "../support/scenario";
import type { Operation, Trouble } from "./faultCase";

/** The operations of the engine; a revocation is struck once when it renews the key, and once when it reads it before. */
export const columns = ["adopt", "adoptPair", "create", "update", "revoke", "revokeReading", "refresh"] as const;
export type Column = (typeof columns)[number];

/** `calls: verdict` for each column, as `faultCase.ts` writes them; `#` is the answer of the call that is struck. */
type Endings = Record<Exclude<Column, "revokeReading" | "adoptPair">, string> & { revokeReading?: string };

/** How a column ends; a pair is adopted as a key is. */
export function endingOf({ ends }: Row, column: Column): string | undefined {
  return column === "adoptPair" ? ends.adopt : ends[column];
}

/** A fault, and how each operation ends under it. */
export interface Row {
  what: string;
  trouble: Trouble | ((column: Column) => Trouble);
  ends: Endings;
  /** Said by every error of the row. */
  says?: RegExp;
  /** Printed on the way, in every column whose operation does not fail at once. */
  prints?: RegExp;
}

export const operationOf = (column: Column): Operation => (column === "revokeReading" ? "revoke" : column);

/** Section 5 of the design, "Refused": fails at once, and nothing was changed. */
const refused: Endings = {
  adopt: "L#: unchanged",
  create: "R#: unchanged",
  update: "L R#: unchanged",
  revoke: "L R#: unchanged",
  revokeReading: "L#: unchanged",
  refresh: "L#: unchanged",
};

/** "Busy": waits and sends again. */
const busy: Endings = {
  adopt: "L# L: live",
  create: "R# R: live",
  update: "L R# R: live",
  revoke: "L R# R: revoked",
  revokeReading: "L# L R: revoked",
  refresh: "L# L: kept",
};

/**
 * "Ambiguous": takes a baseline, where the keys were not read right before, sends again, and confirms with two equal
 * readings. Reading is simply sent again.
 */
const ambiguous: Endings = {
  ...busy,
  create: "R# L R L L: live",
  update: "L R# L R L L: live",
  revoke: "L R# L R L L: revoked",
};

/** The same, where the service has carried out what it did not answer: with a baseline the reading finds the key. */
const carriedOut: Endings = {
  ...ambiguous,
  update: "L R# L L L: live",
  revoke: "L R# L L L: revoked",
};

/** Ambiguous until the budget is over: at 0, 1, 3, 7, 15, 31 and then every 30 seconds; a refresh has a minute. */
const ambiguousForEver: Endings = {
  adopt: "L#x14: unchanged",
  create: "(R# L)x14: unknown",
  update: "L (R# L)x14: unknown",
  revoke: "L (R# L)x14: unknown",
  revokeReading: "L#x6: unchanged",
  refresh: "L#x6: unchanged",
};

/**
 * The same, where the service has carried out what it did not answer: the second reading finds the key of the second call,
 * which counts when it is still there half a minute later.
 */
const carriedOutForEver: Endings = {
  ...ambiguousForEver,
  create: "R# L R# Lx5: live",
  update: carriedOut.update,
  revoke: carriedOut.revoke,
};

/** An answer that does not come takes 30 s by itself. */
const neverAnswered: Endings = {
  adopt: "L-x7: unchanged",
  create: "(R- L)x7: unknown",
  update: "L (R- L)x7: unknown",
  revoke: "L (R- L)x7: unknown",
  revokeReading: "L- L-: unchanged",
  refresh: "L- L-: unchanged",
};

const busyForEver: Endings = {
  adopt: "L#x14: unchanged",
  create: "R#x14: unchanged",
  update: "L R#x14: unchanged",
  revoke: "L R#x14: unchanged",
  revokeReading: "L#x6: unchanged",
  refresh: "L#x6: unchanged",
};

const before = (outcome: Outcome): Fault => ({ strikes: "beforeEffect", outcome });
const after = (outcome: Outcome | "truncated"): Fault => ({ strikes: "afterEffect", outcome });

function envelope(
  status: number,
  code: string,
  headers?: Record<string, string>,
  message = "The service's own words.",
): Answer {
  return { status, headers, body: { error: { code, message } } };
}

/** Strikes the call that a column is about, in these of its attempts; all of them when none is named. */
function strike(fault: Fault, ...attempts: number[]) {
  return (column: Column): Trouble => {
    const struck = ["adopt", "adoptPair", "revokeReading", "refresh"].includes(column) ? "listKeys" : "regenerateKey";
    return {
      fault: ({ operation, attempt }) =>
        operation === struck && (attempts.length === 0 || attempts.includes(attempt)) ? fault : undefined,
    };
  };
}

/** Rows for a fault before the effect, and after it. */
function bothWays(make: (strikes: (outcome: Outcome) => Fault, ends: Endings) => Row): Row[] {
  return [make(before, ambiguous), make(after, carriedOut)];
}

/** A refusal by something in front of ARM, which may have let the call through and held back its answer. */
function foreign(answer: Answer, refresh: string, says: RegExp): Row[] {
  const create = "R# L: unknown";
  const ends = { ...refused, create, update: `L ${create}`, revoke: `L ${create}`, refresh };
  const through = { update: "L R# L L L: live", revoke: "L R# L L L: revoked" };
  return [
    row(`${answer.status} that is no answer of ARM, before the effect`, before(answer), ends, { says }),
    row(
      `${answer.status} that is no answer of ARM, after the effect`,
      after(answer),
      { ...ends, ...through },
      { says },
    ),
  ];
}

function isRenewal({ operation }: FaultCall): boolean {
  return operation === "regenerateKey";
}

/** A success that has renewed nothing. */
function sameKeys({ account }: EmulatedProvider): Fault {
  return before({ status: 200, body: { ...account.keys } });
}

function row(what: string, fault: Fault, ends: Endings, more: { attempts?: number[]; says?: RegExp } = {}): Row {
  const { attempts = [1], says } = more;
  return { what, trouble: strike(fault, ...attempts), ends: named(ends, fault), says };
}

/** The endings with the struck call's answer put in. */
function named(ends: Endings, { outcome }: Fault): Endings {
  const answer = typeof outcome === "string" ? "-" : outcome.status === 200 ? "" : String(outcome.status);
  return Object.fromEntries(
    Object.entries(ends).map(([column, ending]) => [column, ending.replaceAll("#", answer)]),
  ) as Endings;
}

/** Endings where only the rotation is struck; a pair, and a revocation, read the keys before. */
function endings(create: string, { adopt = "L: live", refresh = "L: kept", update = "", revoke = "" } = {}): Endings {
  const behindReading = update || `L ${create}`;
  return {
    adopt,
    create,
    update: behindReading,
    revoke: revoke || behindReading.replace(": live", ": revoked"),
    refresh,
  };
}

const html = { "Content-Type": "text/html" };
const unusable: [what: string, answer: Outcome | "truncated"][] = [
  ["200 with {}", { status: 200, body: {} }],
  ["200 without a body", { status: 200 }],
  ["200 with HTML", { status: 200, headers: html, body: "<html>sign in</html>" }],
  [
    "200 with JSON that breaks off",
    { status: 200, headers: { "Content-Type": "application/json" }, body: '{"key1":"synth' },
  ],
];

const throttle = { writes: { size: 1, refillPerSecond: 0.1 } };
const redirect = { status: 302, headers: { Location: "https://localhost:1/" } };
const redirects = [302, 307] as const;
const refusal = {
  status: 400,
  body: { error: "unauthorized_client", error_description: "AADSTS700016: no such application" },
};

const late = (afterMs: number): Fault => ({ strikes: "late", afterMs, outcome: "reset" });

function onlyRotations({ create, update, revoke }: Endings): Pick<Endings, "create" | "update" | "revoke"> {
  return { create, update, revoke };
}

function only(operation: string, fault: Fault) {
  return (call: FaultCall) => (call.operation === operation ? fault : undefined);
}

/** The n-th call of the operation gets the n-th fault; those after are well. */
function inTurn(operation: string, ...faults: Fault[]) {
  return (call: FaultCall) => (call.operation === operation ? faults[call.attempt - 1] : undefined);
}

/** The requests to the account's own endpoint from one on, to another where one is named. */
function from(first: number, fault: Fault, last = Number.POSITIVE_INFINITY) {
  return ({ operation, attempt }: FaultCall) =>
    operation === "dataPlane" && attempt >= first && attempt <= last ? fault : undefined;
}

function lacking(action: "listKeys" | "regenerateKey") {
  const denied = [`Microsoft.CognitiveServices/accounts/${action}/action`];
  return { clientId: "synthetic", clientSecret: "synthetic-secret", denied };
}

/** Nothing reaches ARM. */
function login(
  what: string,
  operation: string,
  outcome: Outcome,
  says = /Login failed: .* with client secret\. .*\[(login-failed|login-host)\]$/,
): Row {
  const failed = ": unchanged";
  const ends = endings(failed, { adopt: failed, update: failed, revoke: failed, refresh: failed });
  return { what: `a login ${what}`, trouble: { fault: only(operation, before(outcome)) }, says, ends };
}

/** @param adopt a key that is adopted is tried as well */
function waiting(
  what: string,
  trouble: Trouble,
  create: string,
  { adopt = "L: live", update = "", revoke = "", refresh = "L: kept", says = /./ } = {},
): Row {
  const behindReading = create.startsWith("R") ? `L ${create}` : create;
  const revoked = revoke || (update || "L R: revoked").replace("live", "revoked");
  const ends = endings(create, { adopt, update: update || behindReading, revoke: revoked, refresh });
  return { what, trouble: { ...trouble, wait: "PT30S" }, ends, says };
}

export const rows: Row[] = [
  // Refused.
  row("400 of another kind", before(envelope(400, "BadRequest")), refused, { says: /400 BadRequest.*\[refused\]/ }),
  row("401", before(envelope(401, "InvalidAuthenticationToken")), refused, { says: /\[login-refused\]/ }),
  row(
    "403",
    before(envelope(403, "AuthorizationFailed")),
    { ...refused, refresh: "L#: kept" },
    { says: /Grant the identity.*\[forbidden\]/ },
  ),
  ...["RequestDisallowedByPolicy", "RequestDisallowedByAzure"].map((code) =>
    row(
      `403 ${code}`,
      before(envelope(403, code)),
      { ...refused, refresh: "L#: kept" },
      { says: /^(?!.*Grant).*The service's own words\. .*\[policy\]/ },
    ),
  ),
  row(
    "403 of another kind",
    before(envelope(403, "DenyAssignmentAuthorizationFailed")),
    { ...refused, refresh: "L#: kept" },
    { says: /^(?!.*Grant).*The service's own words\. .*\[refused\]/ },
  ),
  ...foreign(
    { status: 403, headers: html, body: "<html>403</html>" },
    "L#: kept",
    /^(?!.*Grant).*: 403\. .*A proxy or a firewall answered instead/,
  ),
  ...foreign({ status: 407 }, "L#: unchanged", /: 407\. .*Put the user and the password into HTTPS_PROXY/),
  ...foreign({ status: 404, headers: html, body: "<html>404</html>" }, "L#: unchanged", /: 404\. /),
  ...(["ResourceNotFound", "ResourceGroupNotFound"] as const).flatMap((code) => [
    row(`404 ${code} once`, before(envelope(404, code)), busy),
    row(
      `404 ${code} all the time`,
      before(envelope(404, code)),
      {
        adopt: "L# L# L#: unchanged",
        create: "R# R# R#: unchanged",
        update: "L R# R# R#: unchanged",
        revoke: "L R# R# R#: unchanged",
        revokeReading: "L# L#: left",
        refresh: "L# L#: dropped",
      },
      { attempts: [], says: /\[not-found\]/ },
    ),
  ]),
  row("404 of the subscription", before(envelope(404, "SubscriptionNotFound")), refused, { says: /\[not-found\]/ }),
  row(
    "409 ScopeLocked",
    before(envelope(409, "ScopeLocked")),
    { ...refused, refresh: "L#: kept" },
    { says: /\[locked\]/ },
  ),
  row(
    "409 MissingSubscriptionRegistration",
    before(envelope(409, "MissingSubscriptionRegistration")),
    { ...refused, refresh: "L#: kept" },
    { says: /\[not-registered\]/ },
  ),
  row("409 of another kind", before(envelope(409, "Conflict")), { ...refused, refresh: "L#: kept" }),
  row("422", before(envelope(422, "Unprocessable")), refused, { says: /422.*\[refused\]/ }),
  // Busy.
  row("429 without Retry-After", before(envelope(429, "TooManyRequests")), busy),
  row("429 with Retry-After", before(envelope(429, "SubscriptionRequestsThrottled", { "Retry-After": "17" })), busy),
  row("429 with an hour of Retry-After", before(envelope(429, "TooManyRequests", { "Retry-After": "3600" })), {
    ...busy,
    refresh: "L#: kept",
    revokeReading: "L#: unchanged",
  }),
  row("409 RequestConflict", before(envelope(409, "RequestConflict")), busy),
  row("409 AccountProvisioningStateInvalid", before(envelope(409, "AccountProvisioningStateInvalid")), busy),
  row(
    "429 all the time",
    before(envelope(429, "TooManyRequests")),
    { ...busyForEver, refresh: "L#x6: kept" },
    { attempts: [], says: /Run the same command again later\..*\[(throttled|busy)\]/ },
  ),
  row(
    "409 RequestConflict all the time",
    before(envelope(409, "RequestConflict")),
    { ...busyForEver, refresh: "L#x6: kept" },
    { attempts: [] },
  ),
  // Ambiguous, each before and after its effect.
  ...[408, 503, 202].flatMap((status) =>
    bothWays((strikes, ends) =>
      row(`${status} ${strikes.name} the effect`, strikes(status >= 400 ? envelope(status, "Code") : { status }), ends),
    ),
  ),
  ...bothWays((strikes, ends) =>
    row(
      `502 in HTML ${strikes.name} the effect`,
      strikes({ status: 502, headers: html, body: "<html>502</html>" }),
      ends,
    ),
  ),
  ...redirects.flatMap((status) =>
    ["to the same host", "to another"].flatMap((whereTo) =>
      bothWays((strikes, ends) => ({
        what: `a ${status} ${whereTo} ${strikes.name} the effect`,
        trouble: (column) => ({
          fault: (call, provider) => {
            const Location = whereTo === "to another" ? "https://localhost:1/" : `${provider.emulator.url}/elsewhere`;
            return strike(strikes({ status, headers: { Location } }), 1)(column).fault?.(call, provider);
          },
        }),
        ends: named(ends, before({ status })),
      })),
    ),
  ),
  ...bothWays((strikes, ends) => row(`a connection that is reset ${strikes.name} the effect`, strikes("reset"), ends)),
  ...bothWays((strikes, ends) => row(`no answer ${strikes.name} the effect`, strikes("silence"), ends)),
  ...unusable.flatMap(([what, outcome]) =>
    bothWays((strikes, ends) => row(`${what} ${strikes.name} the effect`, strikes(outcome as Outcome), ends)),
  ),
  row("an answer that is cut off in the middle", after("truncated"), carriedOut),
  {
    what: "200 with the key from before",
    trouble: { fault: (call, provider) => (isRenewal(call) && call.attempt === 1 ? sameKeys(provider) : undefined) },
    ends: endings("R L R L L: live"),
  },
  {
    what: "200 with the key from before all the time",
    trouble: { fault: (call, provider) => (isRenewal(call) ? sameKeys(provider) : undefined) },
    says: /It is not known.*200 with the slot's old key\..*\[in-doubt\]/,
    ends: endings("(R L)x14: unknown"),
  },

  // For ever, until the budget is over.
  row("503 all the time, before the effect", before(envelope(503, "ServerBusy")), ambiguousForEver, { attempts: [] }),
  row("503 all the time, after the effect", after(envelope(503, "ServerBusy")), carriedOutForEver, { attempts: [] }),
  row("a reset all the time, before the effect", before("reset"), ambiguousForEver, { attempts: [] }),
  row("a reset all the time, after the effect", after("reset"), carriedOutForEver, { attempts: [] }),
  row("no answer ever, before the effect", before("silence"), neverAnswered, { attempts: [] }),
  row(
    "no answer ever, after the effect",
    after("silence"),
    // Each answer takes 30 s, so the key of the first request could have been read a minute after it was sent.
    { ...neverAnswered, ...onlyRotations(carriedOutForEver), create: "R- L R- Lx9: live" },
    { attempts: [] },
  ),
  row("200 with {} all the time, before the effect", before({ status: 200, body: {} }), ambiguousForEver, {
    attempts: [],
  }),
  row("200 with {} all the time, after the effect", after({ status: 200, body: {} }), carriedOutForEver, {
    attempts: [],
  }),

  // The effect comes when its client has gone: the second reading finds another key, and a third one confirms that.
  ...[2_000, 8_000].map((afterMs) =>
    row(
      `an effect ${afterMs / 1000} s after the connection was cut`,
      { strikes: "late", afterMs, outcome: "reset" },
      {
        ...ambiguous,
        ...onlyRotations(endings("R# L R Lx4: live")),
      },
    ),
  ),
  {
    what: "two effects, each half a second after the connection was cut",
    trouble: { fault: inTurn("regenerateKey", late(500), late(500)) },
    ends: endings("R- L R- Lx5: live"),
  },

  // A confirmation that does not come: what was answered may be ended by an effect that is still to come.
  ...(
    [
      ["401", envelope(401, "ExpiredAuthenticationToken"), "L401"],
      ["403 of a policy", envelope(403, "RequestDisallowedByPolicy"), "L403"],
      ["404 of the account", envelope(404, "ResourceNotFound"), "L404 L404"],
      ["404 of the subscription", envelope(404, "SubscriptionNotFound"), "L404"],
      ["404 that is no answer of ARM", { status: 404, headers: html, body: "<html>404</html>" }, "L404"],
      ["400", envelope(400, "BadRequest"), "L400"],
      ["409 of another kind", envelope(409, "Conflict"), "L409"],
    ] as const
  ).map(([what, outcome, reading]) => ({
    what: `a late effect, and then only ${what} to readings`,
    trouble: {
      fault: (call: FaultCall, { emulator }: EmulatedProvider) => {
        const renewals = emulator.calls.filter(isRenewal).length;
        if (call.operation === "listKeys" && renewals > 1) return before(outcome);
        return inTurn("regenerateKey", { ...late(4_000), outcome: { status: 503 } })(call);
      },
    },
    says: /^Not published: new key not confirmed/,
    ends: endings(`R503 L R ${reading}: unfinished`, { revoke: `L R503 L R ${reading}: revoked` }),
  })),
  {
    what: "a late effect, and then a login that fails",
    trouble: {
      fault: (call: FaultCall, { emulator, clock }: EmulatedProvider) => {
        const renewals = emulator.calls.filter(isRenewal).length;
        if (call.operation === "listKeys" && renewals > 1) return before(envelope(401, "ExpiredAuthenticationToken"));
        if (call.operation === "token" && clock.now() > 0 && renewals > 0) return before(refusal);
        return inTurn("regenerateKey", { ...late(4_000), outcome: { status: 503 } })(call);
      },
    },
    says: /^Not published: new key not confirmed/,
    ends: endings("R503 L R L401: unfinished", { revoke: "L R503 L R L401: revoked" }),
  },

  // Readings that lag.
  ...([before, after] as const).map((strikes) => ({
    what: `readings that lag by ten seconds, and a 503 ${strikes.name} the effect`,
    trouble: { emulator: { readingLag: 10_000 }, fault: inTurn("regenerateKey", strikes(envelope(503, "ServerBusy"))) },
    ends: endings("R503 L R L L L: live"),
  })),
  ...([before, after] as const).map((strikes) => ({
    what: `readings that lag by ten minutes, and a 503 ${strikes.name} the effect`,
    trouble: {
      emulator: { readingLag: 600_000 },
      fault: inTurn("regenerateKey", strikes(envelope(503, "ServerBusy"))),
    },
    says: /listKeys still gives the old key.*\[not-confirmed\]/,
    ends: endings("R503 L R Lx30: unfinished", { revoke: "L R503 L R Lx30: revoked" }),
  })),

  // Rights.
  {
    what: "no right to listKeys",
    trouble: { emulator: { clients: [lacking("listKeys")] } },
    says: /AuthorizationFailed: The client .* Grant/,
    ends: endings("R: live", {
      adopt: "L403: unchanged",
      update: "L403 R: live",
      revoke: "L403: unchanged",
      refresh: "L403: kept",
    }),
  },
  {
    what: "no right to regenerateKey",
    trouble: { emulator: { clients: [lacking("regenerateKey")] } },
    says: /AuthorizationFailed: The client .* Grant/,
    ends: endings("R403: unchanged"),
  },
  ...[before, after].map((strikes) => ({
    what: `no right to listKeys, and a reset ${strikes.name} the effect`,
    trouble: { emulator: { clients: [lacking("listKeys")] }, fault: inTurn("regenerateKey", strikes("reset")) },
    prints: /\[unconfirmed\]/,
    ends: endings("R- L403 R L403: live", {
      adopt: "L403: unchanged",
      update: "L403 R- L403 R L403: live",
      revoke: "L403: unchanged",
      refresh: "L403: kept",
    }),
  })),
  {
    what: "no right to listKeys, and a 503 for ever",
    trouble: {
      emulator: { clients: [lacking("listKeys")] },
      fault: only("regenerateKey", after(envelope(503, "ServerBusy"))),
    },
    ends: endings("(R503 L403)x14: unknown", {
      adopt: "L403: unchanged",
      update: "L403 (R503 L403)x14: unknown",
      revoke: "L403: unchanged",
      refresh: "L403: kept",
    }),
  },
  {
    what: "an ambiguous answer, and a right that is taken away before the next",
    trouble: { fault: inTurn("regenerateKey", before("reset"), before(envelope(403, "AuthorizationFailed"))) },
    ends: endings("R- L R403 L: unknown"),
  },
  {
    what: "an effect without an answer, and a right that is taken away before the next",
    trouble: {
      fault: inTurn("regenerateKey", after({ status: 200, body: {} }), before(envelope(403, "AuthorizationFailed"))),
    },
    ends: endings("R L R403 L: unknown", { update: "L R L L L: live" }),
  },
  {
    what: "a late effect, and a right that is taken away before the next call",
    trouble: { fault: inTurn("regenerateKey", late(500), before(envelope(403, "AuthorizationFailed"))) },
    ends: endings("R- L R403 L L L: live"),
  },
  {
    what: "a 429, then an effect without an answer, then a 409 that passes",
    trouble: {
      fault: inTurn(
        "regenerateKey",
        before(envelope(429, "TooManyRequests")),
        after("reset"),
        before(envelope(409, "RequestConflict")),
      ),
    },
    ends: endings("R429 R- L R409 R L L: live", { update: "L R429 R- L L L: live" }),
  },

  // The account.
  {
    what: "local authentication off",
    trouble: { before: ({ account }) => Object.assign(account.properties, { disableLocalAuth: true }) },
    says: /\[local-auth-off\]/,
    ends: endings("R400: unchanged", {
      adopt: "L400: unchanged",
      update: "L400: unchanged",
      revoke: "L400: left",
      refresh: "L400: kept",
    }),
  },
  {
    what: "local authentication switched off after an effect without an answer",
    trouble: {
      fault: (call, { account }) => {
        if (call.operation === "listKeys" && call.attempt === 2) account.properties.disableLocalAuth = true;
        return inTurn("regenerateKey", after("reset"))(call);
      },
    },
    ends: endings("R- L R L400: unfinished", { update: "L R- L400 R400 L400: unknown" }),
  },
  {
    what: "an account that is gone",
    trouble: { before: ({ emulator }) => emulator.removeAccount(group, name) },
    says: /404 ResourceNotFound/,
    ends: endings("R404 R404 R404: unchanged", {
      adopt: "L404 L404 L404: unchanged",
      update: "L404 L404: unchanged",
      revoke: "L404 L404: left",
      refresh: "L404 L404: dropped",
    }),
  },
  {
    what: "a key renewed by somebody else before",
    trouble: { renewed: true, before: ({ account }) => void account.regenerate("Key1") },
    ends: endings("R: live", { revoke: "L: left", refresh: "L: live" }),
  },
  {
    what: "the spare key of a pair renewed by somebody else before",
    trouble: { before: ({ account }) => void account.regenerate("Key2") },
    says: /"pulumi refresh".*\[changed-outside\]/,
    ends: endings("R: live", { update: "L: unchanged", revoke: "L R: revoked", refresh: "L: live" }),
  },
  {
    what: "both keys renewed by somebody else between the two readings",
    trouble: {
      renewed: true,
      fault: (call, { account }) => {
        const reading = call.operation === "listKeys" && call.attempt === 3;
        for (const slot of ["Key1", "Key2"] as const) if (reading) account.regenerate(slot);
        return inTurn("regenerateKey", before("reset"))(call);
      },
    },
    ends: endings("R- L R Lx4: live"),
  },

  {
    what: "a state that has lost its keys",
    trouble: { lost: true },
    says: /"pulumi refresh".*\[key-lost\]/,
    ends: endings("R: live", { update: ": unchanged", revoke: "L: left", refresh: "L: live" }),
  },

  // Throttled and slow.
  {
    what: "a bucket of one call, refilled every ten seconds",
    trouble: { emulator: { throttle } },
    ends: endings("R: live", { update: "L R429 R: live" }),
  },
  {
    what: "the same bucket, and an effect without an answer",
    trouble: { emulator: { throttle }, fault: inTurn("regenerateKey", after("reset")) },
    ends: endings("R- L429 L R429 R L429 L L: live"),
  },
  {
    what: "everything slow, 5 s a call",
    trouble: { emulator: { latency: 5_000 } },
    ends: endings("R: live"),
  },
  {
    what: "ARM so slow that no call is answered in time, and each is carried out",
    trouble: { emulator: { latency: { listKeys: 40_000, regenerateKey: 40_000 } } },
    // The emulator notes the status of an answer that nobody waits for any more.
    ends: endings("R Lx7: unknown", {
      adopt: "Lx7: unchanged",
      update: "Lx7: unchanged",
      revoke: "L L: unchanged",
      refresh: "L L: unchanged",
    }),
  },

  // The login, and the cloud's endpoints.
  login("that is refused", "token", refusal, /AADSTS700016.* Check azure-native:\*/),
  login(
    "at a metadata host with an error of its own for ever",
    "metadata",
    { status: 500, body: "<html>" },
    /Cloud not read: answered 500\. .*\[cloud-metadata\]/,
  ),
  {
    what: "a metadata host that cuts the first connection",
    trouble: { fault: inTurn("metadata", before("reset")) },
    ends: endings("R: live"),
  },
  {
    what: "a login server that cuts the first connection",
    trouble: { fault: inTurn("token", before("reset")) },
    ends: endings("R: live"),
  },

  // Waiting until the new key is accepted, before which a made-up key is sent.
  waiting("a new key that is accepted at once", {}, "R: live"),
  waiting("a new key that is refused for 20 s", { emulator: { keyLag: 20_000 } }, "R: live"),
  waiting("a new key that is refused for too long", { emulator: { keyLag: 600_000 } }, "R: unfinished", {
    says: /refused it \(401\), for PT30S\. \[(adopted-key-)?not-accepted\]$/,
  }),
  waiting(
    "a key that was renewed a moment ago and is refused for too long",
    { emulator: { keyLag: 600_000 }, before: ({ account, clock }) => void account.regenerate("Key1", clock.now()) },
    "R: unfinished",
    {
      adopt: "L: unchanged",
      revoke: "L: left",
      refresh: "L: live",
      says: /refused it \(401\), for PT30S\. \[(adopted-key-)?not-accepted\]$/,
    },
  ),
  waiting("an endpoint that breaks down for a while", { fault: from(2, before({ status: 503 }), 4) }, "R: live"),
  waiting("an endpoint that breaks down", { fault: from(2, before({ status: 503 })) }, "R: unfinished", {
    adopt: "L: unchanged",
    says: /answered 503, .*not-accepted\]$/,
  }),
  waiting("an endpoint that cuts the connection for a while", { fault: from(2, before("reset"), 4) }, "R: live"),
  waiting("an endpoint that gives no answer", { fault: from(2, before("silence")) }, "R: unfinished", {
    adopt: "L: unchanged",
    says: /did not answer \(ETIMEDOUT\).*not-accepted\]$/,
  }),
  waiting("an endpoint that sends the key elsewhere", { fault: from(2, before(redirect)) }, "R: unfinished", {
    adopt: "L: unchanged",
    says: /answered 302.*not-accepted\]$/,
  }),
  waiting("an endpoint that knows the key and not the path", { fault: from(2, before({ status: 404 })) }, "R: live"),
  waiting("a firewall that answers for the endpoint", { fault: from(1, before({ status: 403 })) }, ": unchanged", {
    adopt: ": unchanged",
    says: /answered 403 to a made-up key.*\[path-checks-no-key\]$/,
  }),
  waiting("an endpoint that takes any key", { fault: from(1, before({ status: 200 })) }, ": unchanged", {
    adopt: ": unchanged",
    says: /answered 200 to a made-up key.*\[path-checks-no-key\]$/,
  }),
  waiting("an endpoint that is down", { fault: from(1, before("reset")) }, ": unchanged", {
    adopt: ": unchanged",
    says: /gave no answer to a made-up key.*\[path-checks-no-key\]$/,
  }),
  waiting(
    "an effect without an answer, and a new key that is refused for 20 s",
    { emulator: { keyLag: 20_000 }, fault: inTurn("regenerateKey", after("reset")) },
    "R- L R L L: live",
    { update: "L R- L L L: live" },
  ),
];
