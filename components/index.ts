export type { CognitiveAccountKeyName, WaitUntilAcceptedArgs } from "./accountArgs";
export { RotatingCognitiveAccountKey, type RotatingCognitiveAccountKeyArgs } from "./rotatingCognitiveAccountKey";
export {
  RotatingCognitiveAccountKeyPair,
  type RotatingCognitiveAccountKeyPairArgs,
} from "./rotatingCognitiveAccountKeyPair";
