import type { Account, Emulator, EmulatorOptions, FaultHook } from "../../emulator/emulator";
import { ArmAccountKeys } from "../../provider/azure/armAccountKeys";
import { HttpDataPlane } from "../../provider/azure/httpDataPlane";
import { type Context, createContext } from "../../provider/context";
import { azureLogin } from "../../provider/login/azureLogin";
import { settingReader } from "../../provider/login/settings";
import type { AccountIdentity } from "../../provider/rotation/accountKeys";
import { startEmulator } from "./emulator";
import { group, name } from "./scenario";
import { VirtualClock } from "./virtualClock";
import { dynamicWay } from "./waysIn";

/** The emulator, and provider processes that reach it as on the real engine: over TLS, with the SDK and its login. */
export class EmulatedProvider {
  /** Every line that a process has printed. */
  readonly lines: string[] = [];
  /** Calls that are left without an answer, until their clients give up. */
  private silent = 0;

  private constructor(
    readonly emulator: Emulator,
    readonly clock: VirtualClock,
  ) {}

  /** @param options what differs from one account in one subscription */
  static async start(options: Omit<EmulatorOptions, "tls" | "fault"> = {}): Promise<EmulatedProvider> {
    const clock = new VirtualClock();
    const emulator = await startEmulator({
      accounts: [{ resourceGroup: group, name }],
      // The SDK counts a token's life in real time.
      tokenLifetime: 365 * 24 * 3600,
      now: clock.now,
      sleep: (ms) => clock.park(() => clock.sleep(ms)),
      after: clock.after,
      ...options,
    });
    return new EmulatedProvider(emulator, clock);
  }

  get account(): Account {
    return this.emulator.account(group, name);
  }

  get identity(): AccountIdentity {
    return { subscriptionId: this.emulator.subscriptions[0], resourceGroupName: group, accountName: name };
  }

  /** What goes wrong from now on. */
  set fault(hook: FaultHook | undefined) {
    this.emulator.fault = async (call) => {
      const fault = await hook?.(call);
      if (fault?.outcome === "silence") {
        this.silent++;
        this.clock.abandon();
      }
      return fault;
    };
  }

  /** What one provider process, started anew, shares between its resources. */
  process(environment: Record<string, string> = {}): Context {
    const { now, sleep, timeout } = this.clock;
    const world = { now, sleep, log: (line: string) => void this.lines.push(line) };
    const login = azureLogin(
      settingReader(dynamicWay, () => undefined, { ...this.emulator.environment(), ...environment }),
    );
    const arm = new ArmAccountKeys(
      () => login.cloud(),
      () => login.credential(),
      timeout,
    );
    const http = new HttpDataPlane(timeout);
    return createContext({
      ...world,
      random: () => 1,
      keys: {
        listKeys: (account, timeoutMs) => this.watch(() => arm.listKeys(account, timeoutMs)),
        regenerateKey: (account, keyName, timeoutMs) =>
          this.watch(() => arm.regenerateKey(account, keyName, timeoutMs)),
      },
      dataPlane: { request: (url, key, timeoutMs) => this.watch(() => http.request(url, key, timeoutMs)) },
      cloud: () => this.clock.work(() => login.cloud()),
      defaultSubscription: () => this.clock.work(() => login.defaultSubscription()),
    });
  }

  /** Time stands still during a call, unless nothing will ever be answered. */
  private watch<A extends object>(call: () => Promise<A>): Promise<A> {
    return this.clock.work(async () => {
      const answer = await call();
      if (!("code" in answer && answer.code === "ETIMEDOUT")) return answer;
      if (this.silent > 0) {
        this.silent--;
        this.clock.recover();
      } else {
        this.clock.orphan();
      }
      return answer;
    });
  }
}
