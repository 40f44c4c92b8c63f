import * as cognitiveservices from "@pulumi/azure-native/cognitiveservices";
import * as pulumi from "@pulumi/pulumi";

const keys = cognitiveservices.listAccountKeysOutput({
  resourceGroupName: "my-group",
  accountName: "my-account",
});

export const key = pulumi.secret(keys.key1);
