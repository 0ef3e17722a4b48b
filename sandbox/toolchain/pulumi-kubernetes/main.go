// Command pulumi-resource-kubernetes is Pulumi's own Kubernetes plugin, which no package registry carries built. Its
// module leaves out what upstream's build generates: a main that embeds the schema.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// version is set by the linker.
var version string

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version, schema, terraformMapping)
}
