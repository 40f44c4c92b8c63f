import pulumi
import pulumi_cognitive_key_rotation as rotation

config = pulumi.Config()
pair = rotation.RotatingCognitiveAccountKeyPair(
    "keys",
    resource_group_name=config.require("resourceGroupName"),
    account_name=config.require("accountName"),
    rotation_trigger=config.get("rotationTrigger") or None,
)

pulumi.export("key", pair.key)
pulumi.export("keyName", pair.key_name)
pulumi.export("keyFingerprint", pair.key_fingerprint)
