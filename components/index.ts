export type { CognitiveAccountKeyName, WaitUntilAcceptedArgs } from "./accountArgs";
export type { RotatingCognitiveAccountKeyArgs } from "./rotatingCognitiveAccountKey";
export { RotatingCognitiveAccountKey } from "./rotatingCognitiveAccountKey";
export type { RotatingCognitiveAccountKeyPairArgs } from "./rotatingCognitiveAccountKeyPair";
export { RotatingCognitiveAccountKeyPair } from "./rotatingCognitiveAccountKeyPair";
