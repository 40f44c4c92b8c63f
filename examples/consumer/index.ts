import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const producer = new pulumi.StackReference(config.require("producer"));
const url = new URL(
  config.get("path") ?? "openai/models?api-version=2024-10-21",
  config.require("endpoint").replace(/\/?$/, "/"),
);

// "manual": the key is for this URL alone, and is not sent on to where a redirect points.
const answered = producer.requireOutput("key").apply(async (key: string) => {
  const response = await fetch(url, { headers: { "api-key": key }, redirect: "manual" });
  return response.status;
});

/**
 * 200 while the key is live, 401 when it is refused; not known in a preview, which sends nothing. What is made of a
 * secret is a secret as well, until somebody who knows that it gives nothing away says otherwise.
 */
export const status = pulumi.unsecret(answered);
export const keyFingerprint = producer.requireOutput("fingerprint");
