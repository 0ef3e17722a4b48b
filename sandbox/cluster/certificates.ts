import { chmodSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { network, nodes, paths } from "../paths.ts";

type Authority = "cluster" | "front-proxy" | "etcd";

interface Certificate {
  name: string;
  authority: Authority;
  /** The user that the certificate identifies. */
  commonName: string;
  /** The user's group. */
  organization?: string;
  /** Names and addresses of the server, as openssl writes them: `DNS:localhost`, `IP:127.0.0.1`. */
  alternativeNames?: string[];
}

/** They never leave this machine and are deleted with the state folder, so none needs renewal. */
const VALID_DAYS = 3650;

/**
 * Separate authorities: a certificate of the cluster must give no access to etcd, and must not be accepted as the API
 * server's proxy.
 */
const authorities: readonly Authority[] = ["cluster", "front-proxy", "etcd"];

const certificates: readonly Certificate[] = [
  {
    name: "kube-apiserver",
    authority: "cluster",
    commonName: "kube-apiserver",
    alternativeNames: [
      ...["kubernetes", "kubernetes.default", "kubernetes.default.svc", `kubernetes.default.svc.${network.domain}`].map(
        (name) => `DNS:${name}`,
      ),
      "DNS:localhost",
      ...["127.0.0.1", network.api, network.apiService].map((address) => `IP:${address}`),
    ],
  },
  {
    name: "kubelet-client",
    authority: "cluster",
    commonName: "kube-apiserver-kubelet-client",
    organization: "system:masters",
  },
  { name: "admin", authority: "cluster", commonName: "slipway-admin", organization: "system:masters" },
  { name: "kube-controller-manager", authority: "cluster", commonName: "system:kube-controller-manager" },
  { name: "kube-scheduler", authority: "cluster", commonName: "system:kube-scheduler" },
  { name: "kube-proxy", authority: "cluster", commonName: "system:kube-proxy" },
  { name: "coredns", authority: "cluster", commonName: "slipway:dns" },
  { name: "kube-network-policies", authority: "cluster", commonName: "slipway:network-policies" },
  ...nodes.map(
    ({ name, address }): Certificate => ({
      name,
      authority: "cluster",
      commonName: `system:node:${name}`,
      organization: "system:nodes",
      alternativeNames: [`DNS:${name}`, `IP:${address}`],
    }),
  ),
  { name: "front-proxy-client", authority: "front-proxy", commonName: "front-proxy-client" },
  { name: "etcd-server", authority: "etcd", commonName: "etcd", alternativeNames: ["IP:127.0.0.1"] },
  { name: "etcd-client", authority: "etcd", commonName: "kube-apiserver" },
];

export const certificateFile = (name: string): string => join(paths.pki, `${name}.crt`);
export const keyFile = (name: string): string => join(paths.pki, `${name}.key`);
export const authorityFile = (authority: Authority): string => certificateFile(`${authority}-ca`);

/** Signs service accounts' tokens; the public half verifies them. */
export const serviceAccountKey = keyFile("service-accounts");
export const serviceAccountPublicKey = join(paths.pki, "service-accounts.pub");

/** Writes a key, then its certificate: if the certificate exists, both are complete. */
async function issue(name: string, subject: string, args: string[]): Promise<void> {
  if (existsSync(certificateFile(name))) return;
  const draft = `${certificateFile(name)}.new`;
  const common = [
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-noenc",
    "-days",
    String(VALID_DAYS),
  ];
  await execa("openssl", ["req", ...common, "-subj", subject, "-keyout", keyFile(name), "-out", draft, ...args]);
  chmodSync(keyFile(name), 0o600);
  renameSync(draft, certificateFile(name));
}

function issueAuthority(authority: Authority): Promise<void> {
  const usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"];
  return issue(`${authority}-ca`, `/CN=slipway-${authority}-ca`, usage);
}

function issueCertificate({ name, authority, commonName, organization, alternativeNames }: Certificate): Promise<void> {
  const subject = `${organization ? `/O=${organization}` : ""}/CN=${commonName}`;
  const extensions = [
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=clientAuth,serverAuth",
    ...(alternativeNames ? [`subjectAltName=${alternativeNames.join(",")}`] : []),
  ];
  return issue(name, subject, [
    ...["-CA", authorityFile(authority), "-CAkey", keyFile(`${authority}-ca`)],
    ...extensions.flatMap((extension) => ["-addext", extension]),
  ]);
}

async function issueServiceAccountKey(): Promise<void> {
  if (existsSync(serviceAccountPublicKey)) return;
  const draft = `${serviceAccountPublicKey}.new`;
  await execa("openssl", [
    "genpkey",
    "-algorithm",
    "EC",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-out",
    serviceAccountKey,
  ]);
  chmodSync(serviceAccountKey, 0o600);
  await execa("openssl", ["pkey", "-in", serviceAccountKey, "-pubout", "-out", draft]);
  renameSync(draft, serviceAccountPublicKey);
}

/** Creates the cluster's keys and certificates in {@link paths}.pki unless they exist. */
export async function ensureCertificates(): Promise<void> {
  mkdirSync(paths.pki, { recursive: true, mode: 0o700 });
  await Promise.all([...authorities.map(issueAuthority), issueServiceAccountKey()]);
  await Promise.all(certificates.map(issueCertificate));
}
