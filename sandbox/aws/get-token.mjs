// `aws eks get-token`, and nothing else of the AWS CLI, for the cluster behind every EKS cluster of the emulated AWS.
// Plain JavaScript without packages: clients of the cluster run it often and wait for it.
import { readFileSync } from "node:fs";
import http from "node:http";
import { parseArgs } from "node:util";

/** As the real one: https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html */
const VALID_MINUTES = 14;
const ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
const EXIT = { usage: 252, credentials: 253, service: 254, other: 255 };

class Failure extends Error {
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}

function readArguments() {
  const [service, command, ...rest] = process.argv.slice(2);
  if (service !== "eks" || command !== "get-token") {
    const given = process.argv.slice(2).join(" ");
    throw new Failure(EXIT.usage, `aws ${given}: the sandbox's aws only supports "aws eks get-token".`);
  }
  try {
    const options = Object.fromEntries(["cluster-name", "region", "output"].map((name) => [name, { type: "string" }]));
    const { values } = parseArgs({ args: rest, options });
    if (!values["cluster-name"]) throw new Error("--cluster-name is required");
    if (!values.region && !process.env.AWS_REGION)
      throw new Failure(
        EXIT.credentials,
        'You must specify a region. You can also configure your region by running "aws configure".',
      );
    return { cluster: values["cluster-name"], region: values.region ?? process.env.AWS_REGION };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(EXIT.usage, `aws eks get-token: ${error.message}`);
  }
}

/**
 * Sends a request to the emulated AWS, which identifies the caller by the key and ignores the signature. Not by fetch:
 * loading it takes longer than everything else.
 */
function ask(service, region, path, body) {
  const { AWS_ACCESS_KEY_ID: key, AWS_ENDPOINT_URL: endpoint } = process.env;
  if (!key)
    throw new Failure(
      EXIT.credentials,
      'Unable to locate credentials. You can configure credentials by running "aws configure".',
    );
  const scope = `${key}/${new Date().toISOString().slice(0, 10).replaceAll("-", "")}/${region}/${service}/aws4_request`;
  const headers = {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    ...(body && { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(`${endpoint}${path}`, { method: body ? "POST" : "GET", headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ ok: response.statusCode === 200, text: Buffer.concat(parts).toString() }));
    });
    request.on("error", () => reject(new Failure(EXIT.other, `Could not connect to the endpoint URL: "${endpoint}/"`)));
    request.end(body);
  });
}

/** The role that the caller has assumed, as `{ account, name }`. */
async function caller(region) {
  const { text } = await ask("sts", region, "/", "Action=GetCallerIdentity&Version=2011-06-15");
  const found = /<Arn>arn:aws:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(text);
  return found ? { account: found[1], name: found[2] } : undefined;
}

/** Whether the cluster exists and the caller's role administers it. */
async function isAdmin(cluster, region) {
  const role = await caller(region);
  const entries = await ask("eks", region, `/clusters/${cluster}/access-entries`);
  if (!role || !entries.ok) return false;
  // The ARN of a session does not contain the role's path.
  const principal = JSON.parse(entries.text).accessEntries.find(
    (arn) => arn.startsWith(`arn:aws:iam::${role.account}:role/`) && arn.split("/").at(-1) === role.name,
  );
  if (!principal) return false;
  const path = `/clusters/${cluster}/access-entries/${encodeURIComponent(principal)}/access-policies`;
  const { associatedAccessPolicies = [] } = JSON.parse((await ask("eks", region, path)).text);
  return associatedAccessPolicies.some(
    ({ policyArn, accessScope }) => policyArn === ADMIN_POLICY && accessScope.type === "cluster",
  );
}

/** The administrator's certificate; for other callers a token that the API server rejects. */
async function credentials({ cluster, region }) {
  if (!(await isAdmin(cluster, region))) {
    return { token: `k8s-aws-v1.${Buffer.from(`${cluster}/${region}`).toString("base64url")}` };
  }
  const identity = process.env.SANDBOX_CLUSTER_IDENTITY;
  return {
    clientCertificateData: readFileSync(`${identity}.crt`, "utf8"),
    clientKeyData: readFileSync(`${identity}.key`, "utf8"),
  };
}

try {
  const expires = new Date(Date.now() + VALID_MINUTES * 60_000);
  const status = {
    expirationTimestamp: expires.toISOString().replace(/\.\d+Z$/, "Z"),
    ...(await credentials(readArguments())),
  };
  // Set by the client that runs this.
  const { apiVersion = "client.authentication.k8s.io/v1beta1" } = JSON.parse(process.env.KUBERNETES_EXEC_INFO ?? "{}");
  console.log(JSON.stringify({ kind: "ExecCredential", apiVersion, spec: {}, status }));
} catch (error) {
  console.error(`\n${error.message}`);
  process.exitCode = error.exitCode ?? EXIT.other;
}
