import { readFileSync } from "node:fs";
import { Agent, request } from "undici";
import { apiUrl, network, paths, ports } from "../paths.ts";
import type { Daemon } from "../processes/daemon.ts";
import { authorityFile, certificateFile, keyFile, serviceAccountKey, serviceAccountPublicKey } from "./certificates.ts";
import { writeComponentKubeconfig } from "./kubeconfig.ts";

interface Identity {
  authority: string;
  certificate?: string;
  key?: string;
}

/** Whether a probe URL answers 200. */
export async function answers(url: string, identity?: Identity): Promise<boolean> {
  const dispatcher = new Agent({
    connect: identity && {
      ca: readFileSync(identity.authority),
      cert: identity.certificate && readFileSync(identity.certificate),
      key: identity.key && readFileSync(identity.key),
    },
    headersTimeout: 3000,
    bodyTimeout: 3000,
    connectTimeout: 2000,
  });
  try {
    const { statusCode, body } = await request(url, { dispatcher });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  } finally {
    await dispatcher.destroy();
  }
}

export function apiReady(path = "/readyz"): Promise<boolean> {
  const identity = {
    authority: authorityFile("cluster"),
    certificate: certificateFile("admin"),
    key: keyFile("admin"),
  };
  return answers(`${apiUrl}${path}`, identity);
}

export function etcdDaemon(command: string): Daemon {
  const client = `https://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  const identity = {
    authority: authorityFile("etcd"),
    certificate: certificateFile("etcd-client"),
    key: keyFile("etcd-client"),
  };
  return {
    name: "etcd",
    command,
    args: [
      "--name=slipway",
      `--data-dir=${paths.etcd}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      // There is no peer, but etcd requires the address.
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=slipway=${peer}`,
      "--client-cert-auth",
      `--trusted-ca-file=${authorityFile("etcd")}`,
      `--cert-file=${certificateFile("etcd-server")}`,
      `--key-file=${keyFile("etcd-server")}`,
      "--log-level=warn",
    ],
    ready: () => answers(`${client}/health`, identity),
    stopTimeout: 15,
  };
}

export function apiServerDaemon(command: string): Daemon {
  return {
    name: "kube-apiserver",
    command,
    args: [
      // Pods reach it there. It does not listen on the machine's outward addresses.
      `--bind-address=${network.api}`,
      `--advertise-address=${network.api}`,
      `--secure-port=${ports.api}`,
      `--service-cluster-ip-range=${network.services}`,
      `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
      `--etcd-cafile=${authorityFile("etcd")}`,
      `--etcd-certfile=${certificateFile("etcd-client")}`,
      `--etcd-keyfile=${keyFile("etcd-client")}`,
      `--tls-cert-file=${certificateFile("kube-apiserver")}`,
      `--tls-private-key-file=${keyFile("kube-apiserver")}`,
      `--client-ca-file=${authorityFile("cluster")}`,
      `--kubelet-certificate-authority=${authorityFile("cluster")}`,
      `--kubelet-client-certificate=${certificateFile("kubelet-client")}`,
      `--kubelet-client-key=${keyFile("kubelet-client")}`,
      "--kubelet-preferred-address-types=InternalIP",
      `--service-account-issuer=https://kubernetes.default.svc.${network.domain}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      `--service-account-key-file=${serviceAccountPublicKey}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      // With these, aggregated APIs such as metrics.k8s.io recognise the API server and the user of a request.
      `--requestheader-client-ca-file=${authorityFile("front-proxy")}`,
      "--requestheader-allowed-names=front-proxy-client",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-username-headers=X-Remote-User",
      `--proxy-client-cert-file=${certificateFile("front-proxy-client")}`,
      `--proxy-client-key-file=${keyFile("front-proxy-client")}`,
      "--enable-aggregator-routing",
    ],
    // The arguments hold only file names: a new certificate must restart the process too.
    configuration: [readFileSync(certificateFile("kube-apiserver"), "utf8")],
    ready: () => apiReady(),
    readyTimeout: 60,
    stopTimeout: 20,
  };
}

export function controllerManagerDaemon(command: string): Daemon {
  const kubeconfig = writeComponentKubeconfig("kube-controller-manager");
  const port = 10257;
  return {
    name: "kube-controller-manager",
    command,
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      `--bind-address=${network.api}`,
      `--secure-port=${port}`,
      `--tls-cert-file=${certificateFile("kube-apiserver")}`,
      `--tls-private-key-file=${keyFile("kube-apiserver")}`,
      `--root-ca-file=${authorityFile("cluster")}`,
      `--cluster-signing-cert-file=${authorityFile("cluster")}`,
      `--cluster-signing-key-file=${keyFile("cluster-ca")}`,
      `--service-account-private-key-file=${serviceAccountKey}`,
      `--service-cluster-ip-range=${network.services}`,
      "--use-service-account-credentials",
      "--allocate-node-cidrs=false",
      // There is only one, and the lease of a killed one would delay the next.
      "--leader-elect=false",
    ],
    ready: () => answers(`https://${network.api}:${port}/healthz`, { authority: authorityFile("cluster") }),
  };
}

export function schedulerDaemon(command: string): Daemon {
  const kubeconfig = writeComponentKubeconfig("kube-scheduler");
  const port = 10259;
  return {
    name: "kube-scheduler",
    command,
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      `--bind-address=${network.api}`,
      `--secure-port=${port}`,
      `--tls-cert-file=${certificateFile("kube-apiserver")}`,
      `--tls-private-key-file=${keyFile("kube-apiserver")}`,
      "--leader-elect=false",
    ],
    ready: () => answers(`https://${network.api}:${port}/healthz`, { authority: authorityFile("cluster") }),
  };
}
