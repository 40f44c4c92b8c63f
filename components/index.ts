export type { CognitiveAccountKeyName, WaitUntilAcceptedArgs } from "./accountArgs";
export { RotatingCognitiveAccount, type RotatingCognitiveAccountArgs } from "./rotatingCognitiveAccount";
export { RotatingCognitiveAccountKey, type RotatingCognitiveAccountKeyArgs } from "./rotatingCognitiveAccountKey";
export {
  RotatingCognitiveAccountKeyPair,
  type RotatingCognitiveAccountKeyPairArgs,
} from "./rotatingCognitiveAccountKeyPair";
