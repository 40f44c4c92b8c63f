require("../dist/plugin/bin/pulumi-resource-cognitive-key-rotation.js");
