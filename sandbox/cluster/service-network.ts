import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { apiUrl, network, nodes, paths } from "../paths.ts";
import type { Daemon } from "../processes/daemon.ts";
import { authorityFile, certificateFile, keyFile } from "./certificates.ts";
import { answers } from "./control-plane.ts";
import { writeComponentKubeconfig, writeConfiguration } from "./kubeconfig.ts";

/** One kube-proxy for both nodes: they share the machine's network and so its rules. */
export function kubeProxyDaemon(command: string): Daemon {
  const configuration = stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    clientConnection: { kubeconfig: writeComponentKubeconfig("kube-proxy") },
    hostnameOverride: nodes[0]?.name,
    bindAddress: network.api,
    healthzBindAddress: `${network.api}:10256`,
    metricsBindAddress: `${network.api}:10249`,
    oomScoreAdj: 0,
    detectLocalMode: "BridgeInterface",
    detectLocal: { bridgeInterface: network.bridge },
    iptables: { localhostNodePorts: true, minSyncPeriod: "100ms" },
    // Not on the machine's outward addresses.
    nodePortAddresses: ["127.0.0.0/8", network.range],
    // The machine's limits on connection tracking stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  });
  return {
    name: "kube-proxy",
    command,
    args: [`--config=${writeConfiguration(join(paths.state, "kube-proxy.yaml"), configuration)}`],
    configuration: [configuration],
    ready: () => answers(`http://${network.api}:10256/healthz`),
  };
}

/** Whether the machine has a resolver that other names can be passed on to. */
function hasResolver(): boolean {
  try {
    return /^\s*nameserver\s/m.test(readFileSync("/etc/resolv.conf", "utf8"));
  } catch {
    return false;
  }
}

/** The cluster's DNS. It is not a pod, so that names resolve before the first image is pulled. */
export function dnsDaemon(command: string): Daemon {
  const corefile = `.:53 {
    bind ${network.dns}
    errors
    ready ${network.dns}:8181
    cache 5
    kubernetes ${network.domain} in-addr.arpa ip6.arpa {
        endpoint ${apiUrl}
        tls ${certificateFile("coredns")} ${keyFile("coredns")} ${authorityFile("cluster")}
        pods insecure
        ttl 5
        fallthrough in-addr.arpa ip6.arpa
    }
${hasResolver() ? "    forward . /etc/resolv.conf\n" : ""}}
`;
  return {
    name: "coredns",
    command,
    args: ["-conf", writeConfiguration(join(paths.state, "Corefile"), corefile)],
    configuration: [corefile],
    ready: () => answers(`http://${network.dns}:8181/ready`),
  };
}
