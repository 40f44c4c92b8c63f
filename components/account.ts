export type { RotatingCognitiveAccountArgs } from "./rotatingCognitiveAccount";
export { RotatingCognitiveAccount } from "./rotatingCognitiveAccount";
