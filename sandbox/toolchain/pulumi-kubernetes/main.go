// Command pulumi-resource-kubernetes is the official Kubernetes plugin of Pulumi. Its Go module is published without the
// two files that upstream's build generates before it compiles main; the build of the sandbox supplies them.
package main

import (
	"bytes"
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	// Upstream's build writes the version into the schema.
	name := []byte(`"name": "kubernetes",`)
	stamped := append(append([]byte{}, name...), `"version": "`+version.Version+`",`...)
	provider.Serve("kubernetes", version.Version, bytes.Replace(schema, name, stamped, 1), terraformMapping)
}
