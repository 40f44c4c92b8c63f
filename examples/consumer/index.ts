import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const producer = new pulumi.StackReference(config.require("producer"));
const endpoint = config.require("endpoint").replace(/\/?$/, "/");
const url = new URL(config.get("path") ?? "openai/models?api-version=2024-10-21", endpoint);

/** "manual": the key is for this URL alone. It must not follow a redirect. */
async function request(key: string): Promise<number> {
  const { status } = await fetch(url, { headers: { "api-key": key }, redirect: "manual" });
  return status;
}

// A preview sends nothing, so there the status is not known.
const answered = pulumi.runtime.isDryRun()
  ? pulumi.output(pulumi.unknown)
  : producer.requireOutput("key").apply(request);

/** 200 if the key is valid, 401 if not. It comes from a secret, so Pulumi would hide it, too. It gives nothing away. */
export const status = pulumi.unsecret(answered);
/** Says which key this stack holds. */
export const keyFingerprint = producer.requireOutput("keyFingerprint");
