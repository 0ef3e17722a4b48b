package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/florianl/go-nfqueue"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

const (
	// The engine's own index of pods by their addresses.
	podIPIndex = "podIPKeyIndex"
	// A pod sends its first packet before the API server knows its address. It takes the kubelet less than a second to report it.
	holdTimeout  = 5 * time.Second
	holdInterval = 10 * time.Millisecond
	ipv4Header   = 20
	// Packets that wait while this process does not get a processor. With the kernel's defaults, hundreds were dropped on a busy machine.
	queueLength = 16 * 1024
	readBuffer  = 16 << 20
)

// gate holds the packets of pods that the API server does not know yet, and passes all others on to the engine. The engine alone
// would let them through: it finds no policy for an address that it does not know.
type gate struct {
	pods        cache.Indexer
	first, last netip.Addr
	// number is the gate's queue, next the engine's.
	number, next uint16
	queue        *nfqueue.Nfqueue
}

func newGate(pods cache.Indexer, podRange string, number, next uint16) (*gate, error) {
	from, to, _ := strings.Cut(podRange, "-")
	first, err := netip.ParseAddr(from)
	if err != nil {
		return nil, fmt.Errorf("--pod-range=%s: %w", podRange, err)
	}
	last, err := netip.ParseAddr(to)
	if err != nil {
		return nil, fmt.Errorf("--pod-range=%s: %w", podRange, err)
	}
	return &gate{pods: pods, first: first, last: last, number: number, next: next}, nil
}

func (g *gate) open(ctx context.Context) error {
	queue, err := nfqueue.Open(&nfqueue.Config{
		NfQueue:      g.number,
		Flags:        nfqueue.NfQaCfgFlagGSO,
		MaxPacketLen: ipv4Header,
		MaxQueueLen:  queueLength,
		Copymode:     nfqueue.NfQnlCopyPacket,
	})
	if err != nil {
		return fmt.Errorf("opening queue %d: %w", g.number, err)
	}
	g.queue = queue
	if err := queue.Con.SetReadBuffer(readBuffer); err != nil {
		return fmt.Errorf("enlarging the buffer of queue %d: %w", g.number, err)
	}
	return queue.RegisterWithErrorFunc(ctx, g.receive, func(err error) int {
		if problem, ok := err.(*netlink.OpError); !ok || !(problem.Timeout() || problem.Temporary()) {
			klog.ErrorS(err, "Reading from the queue", "queue", g.number)
		}
		return 0
	})
}

func (g *gate) receive(attributes nfqueue.Attribute) int {
	id := *attributes.PacketID
	header := *attributes.Payload
	if len(header) < ipv4Header || header[0]>>4 != 4 {
		g.decide(id, nfqueue.NfDrop)
		return 0
	}
	source := netip.AddrFrom4([4]byte(header[12:16]))
	destination := netip.AddrFrom4([4]byte(header[16:20]))
	switch {
	case source == destination:
		// A pod that reaches itself through its own Service. No policy may forbid that.
		g.decide(id, nfqueue.NfAccept)
	case g.known(source):
		g.pass(id)
	default:
		go g.hold(id, source)
	}
	return 0
}

// hold waits for the pod to be known. Only for the source: a destination that is not known is most likely a pod that is gone,
// and who calls it must hear of that at once.
func (g *gate) hold(id uint32, source netip.Addr) {
	for end := time.Now().Add(holdTimeout); time.Now().Before(end); time.Sleep(holdInterval) {
		if g.known(source) {
			g.pass(id)
			return
		}
	}
	klog.InfoS("Dropped a packet of an unknown pod", "source", source)
	g.decide(id, nfqueue.NfDrop)
}

// known tells whether an address is that of a pod in the API, or not a pod's at all.
func (g *gate) known(address netip.Addr) bool {
	if address.Less(g.first) || g.last.Less(address) {
		return true
	}
	pods, err := g.pods.ByIndex(podIPIndex, address.String())
	return err == nil && len(pods) > 0
}

func (g *gate) decide(id uint32, verdict int) {
	if err := g.queue.SetVerdict(id, verdict); err != nil {
		klog.ErrorS(err, "Setting a verdict", "packet", id)
	}
}

// pass puts a packet into the engine's queue. go-nfqueue knows this verdict, but not the number of the queue in its upper half:
// https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/netfilter/nfnetlink_queue.h
// https://github.com/torvalds/linux/blob/v6.12/include/uapi/linux/netfilter.h
func (g *gate) pass(id uint32) {
	const verdictMessage, verdictAttribute = unix.NFNL_SUBSYS_QUEUE<<8 | 1, 2
	const nfQueue = 3
	verdict := binary.BigEndian.AppendUint32(nil, uint32(g.next)<<16|nfQueue)
	attributes, err := netlink.MarshalAttributes([]netlink.Attribute{
		{Type: verdictAttribute, Data: binary.BigEndian.AppendUint32(verdict, id)},
	})
	if err == nil {
		header := binary.BigEndian.AppendUint16([]byte{unix.AF_UNSPEC, unix.NFNETLINK_V0}, g.number)
		_, err = g.queue.Con.Send(netlink.Message{
			Header: netlink.Header{Type: verdictMessage, Flags: netlink.Request},
			Data:   append(header, attributes...),
		})
	}
	if err != nil {
		klog.ErrorS(err, "Passing a packet on", "packet", id)
	}
}
