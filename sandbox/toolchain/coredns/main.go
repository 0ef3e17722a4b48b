// Command coredns is CoreDNS with only the plugins a cluster's own DNS needs. The full set links every cloud's SDK,
// which would cost minutes of build for code that never runs here.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

func main() {
	// The order is the order a query passes through the plugins, as in upstream's plugin.cfg.
	dnsserver.Directives = []string{"bind", "ready", "errors", "cache", "template", "kubernetes", "forward"}
	coremain.Run()
}
