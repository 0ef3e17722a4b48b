// Command kube-network-policies enforces NetworkPolicies: sigs.k8s.io/kube-network-policies decides on the first packet of each
// connection, in user space. Its own rules need nftables' queue, which not every kernel has. The sandbox queues the packets with
// iptables in their place.
package main

import (
	"context"
	"flag"
	"os/signal"
	"syscall"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file with the address of the API server and a certificate")
	podRange := flag.String("pod-range", "", "first and last address of pods: 10.0.1.1-10.0.1.254")
	gateQueue := flag.Uint("gate-queue", 0, "number of the queue that iptables puts packets into")
	policyQueue := flag.Uint("policy-queue", 0, "number of the queue in which packets wait for the policies' verdict")
	table := flag.String("table", "", "name of the engine's own table of nftables")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *kubeconfig, *podRange, *table, uint16(*gateQueue), uint16(*policyQueue)); err != nil {
		klog.Fatal(err)
	}
}

func run(ctx context.Context, kubeconfig, podRange, table string, gateQueue, policyQueue uint16) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods()
	engine, err := networkpolicy.NewController(client, factory.Networking().V1().NetworkPolicies(), factory.Core().V1().Namespaces(), pods, nil, nil, nil, nil,
		networkpolicy.Config{
			QueueID: int(policyQueue),
			// On kernels with nftables' queue it also installs its own rules, for the pods of this node. No node has this name,
			// so they match nothing.
			NodeName:    "none",
			NFTableName: table,
		})
	if err != nil {
		return err
	}
	gate, err := newGate(pods.Informer().GetIndexer(), podRange, gateQueue, policyQueue)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	if err := gate.open(ctx); err != nil {
		return err
	}
	return engine.Run(ctx)
}
