import { PolicyPack } from "@pulumi/policy";
import { keyAge } from "./keyAge";
import { revokeOnSharedAccount } from "./revokeOnSharedAccount";
import { singleSlotInProduction } from "./singleSlotInProduction";

new PolicyPack("cognitive-key-rotation", { policies: [keyAge(), singleSlotInProduction, revokeOnSharedAccount] });
