import { type Board, noBoard } from "./deploymentBoard";
import { DeploymentMemory } from "./deploymentMemory";
import { Acceptance, type AcceptancePorts } from "./rotation/acceptance";
import { Rotation, type RotationPorts } from "./rotation/rotation";

/** What the handlers of one provider touch of the world, so that a test can hold all of it in its hand. */
export interface World extends RotationPorts, AcceptancePorts {
  /** The subscription of resources that name none. */
  defaultSubscription(): Promise<string>;
  /** What the deployment's other provider processes do. */
  board?: Board;
}

/** What the handlers of one provider share, and share with no other provider. */
export interface Context extends Pick<World, "defaultSubscription" | "log" | "now" | "sleep"> {
  rotation: Rotation;
  acceptance: Acceptance;
  memory: DeploymentMemory;
}

export function createContext(world: World): Context {
  const { defaultSubscription, log, now, sleep, board = noBoard } = world;
  return {
    ...{ defaultSubscription, log, now, sleep },
    rotation: new Rotation(world),
    acceptance: new Acceptance(world),
    memory: new DeploymentMemory(board),
  };
}

export function timestamp({ now }: Pick<Context, "now">): string {
  return new Date(now()).toISOString();
}
