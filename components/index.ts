export {
  type CognitiveAccountKeyName,
  RotatingCognitiveAccountKey,
  type RotatingCognitiveAccountKeyArgs,
} from "./rotatingCognitiveAccountKey";
