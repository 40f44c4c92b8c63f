import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const producer = new pulumi.StackReference(config.require("producer"));
const endpoint = config.require("endpoint").replace(/\/?$/, "/");
const url = new URL(config.get("path") ?? "openai/models?api-version=2024-10-21", endpoint);

/** "manual": the key is for this URL alone, and is not sent on to where a redirect points. */
async function request(key: string): Promise<number> {
  const { status } = await fetch(url, { headers: { "api-key": key }, redirect: "manual" });
  return status;
}

// A preview sends nothing, so there the status is not known.
const answered = pulumi.runtime.isDryRun()
  ? pulumi.output(pulumi.unknown)
  : producer.requireOutput("key").apply(request);

/**
 * 200 while the key is live, 401 when it is refused. Pulumi keeps secret what is made of a secret, such as this number,
 * until the program says that it gives nothing away. The key itself stays secret.
 */
export const status = pulumi.unsecret(answered);
/** Says which key this stack holds. */
export const keyFingerprint = producer.requireOutput("keyFingerprint");
