/** One way to write a program that rotates the key of an account. */
export interface Design {
  name: string;
  /** The class that the program is made of. */
  resource: string;
  /** What declares it; another `rotationTrigger` rotates. */
  subject: "pair" | "single" | "documented";
  /** Whether clients are refused from the rotation until they have the new key. */
  hasOutage: boolean;
}

export const designs: readonly Design[] = [
  { name: "Key pair", resource: "RotatingCognitiveAccountKeyPair", subject: "pair", hasOutage: false },
  { name: "Single key", resource: "RotatingCognitiveAccountKey", subject: "single", hasOutage: true },
  { name: "Provider from Pulumi's guide", resource: "pulumi.dynamic.Resource", subject: "documented", hasOutage: true },
];
