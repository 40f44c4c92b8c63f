package main

import (
	rotation "example.com/pulumi-cognitive-key-rotation/sdk/go/cognitivekeyrotation"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		args := &rotation.RotatingCognitiveAccountKeyPairArgs{
			ResourceGroupName: pulumi.String(settings.Require("resourceGroupName")),
			AccountName:       pulumi.String(settings.Require("accountName")),
		}
		if trigger := settings.Get("rotationTrigger"); trigger != "" {
			args.RotationTrigger = pulumi.Any(trigger)
		}
		pair, err := rotation.NewRotatingCognitiveAccountKeyPair(ctx, "keys", args)
		if err != nil {
			return err
		}
		ctx.Export("key", pair.Key)
		ctx.Export("keyName", pair.KeyName)
		ctx.Export("keyFingerprint", pair.KeyFingerprint)
		return nil
	})
}
