import * as pulumi from "@pulumi/pulumi";

interface Registered {
  type: string;
  provider?: string;
  inputs: Record<string, unknown>;
}

/** Registers what the program makes, with mocks as a user's own unit test would set them. */
export async function registered(program: () => unknown): Promise<Registered[]> {
  const seen: Registered[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, inputs, name, provider }) => {
      seen.push({ type, inputs, provider });
      const keys = { key: "synthetic", previousKey: "also synthetic", keyFingerprint: "0123456789ab" };
      return { id: `${name}-id`, state: { ...inputs, ...keys } };
    },
    call: () => ({}),
  });
  await program();
  await pulumi.runtime.disconnect();
  return seen;
}

/** The messages of one severity that a program logs. */
export async function logged(severity: "warn" | "error", program: () => Promise<unknown>): Promise<string[]> {
  const messages: string[] = [];
  const log = pulumi.log as Record<typeof severity, (message: string) => Promise<void>>;
  const original = log[severity];
  log[severity] = async (message) => {
    messages.push(message);
  };
  try {
    await program();
  } finally {
    log[severity] = original;
  }
  return messages;
}
