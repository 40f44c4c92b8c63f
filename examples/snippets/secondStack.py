import pulumi

producer = pulumi.StackReference("my-org/language-keys/dev")
key = producer.require_output("key")  # a secret
fingerprint = producer.require_output("keyFingerprint")  # not a secret; changes with the key
