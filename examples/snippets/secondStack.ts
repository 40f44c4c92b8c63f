// #region
import * as pulumi from "@pulumi/pulumi";

const producer = new pulumi.StackReference("my-org/language-keys/dev");
const key = producer.requireOutput("key"); // a secret
const fingerprint = producer.requireOutput("keyFingerprint"); // not a secret; changes with the key

// #endregion

export { fingerprint, key };
