import { z } from "zod";

/**
 * A release tag. It becomes part of an image tag and the value of the label `app.kubernetes.io/version`, so the label's
 * limits apply: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export const releaseTag = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    "a tag of 1 to 63 letters, digits, '.', '_' and '-' that starts and ends with a letter or digit, such as v1.2.3-5e15f0a",
  );

/** A DNS label (https://datatracker.ietf.org/doc/html/rfc1123), 40 characters at most so that suffixes fit. */
export const dnsName = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/, "1 to 40 lower-case letters, digits and '-', starting with a letter");

/** A namespace of the cluster: a DNS label (https://datatracker.ietf.org/doc/html/rfc1123). */
export const namespaceName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "the name of a namespace: 1 to 63 lower-case letters, digits and '-', such as monitoring",
  );

export const hostName = z
  .string()
  .regex(
    /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "a lower-case host name with a domain, such as shop.example.com",
  );

/** A Kubernetes quantity. */
export function quantity(example: string) {
  return z
    .string()
    .regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|[MGTPE]i?)?$/, `a Kubernetes quantity in quotes, such as "${example}"`);
}

export const environmentVariable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "letters, digits and '_', not starting with a digit");

export const seconds = z.int().min(0).max(3600);
export const port = z.int().min(1).max(65535);
export const urlPath = z.string().startsWith("/");

export const accountId = z.string().regex(/^[0-9]{12}$/, 'twelve digits in quotes, such as "123456789012"');
export const arn = z.string().regex(/^arn:aws[a-z-]*:/, "an ARN, such as arn:aws:iam::123456789012:role/admin");
export const cidr = z.cidrv4("an IPv4 range, such as 203.0.113.0/24");
/** A range that a network policy can name. Kubernetes refuses an IPv4 address in IPv6 form. */
export const addressRange = z.union(
  [z.cidrv4(), z.cidrv6().regex(/^[0-9A-Fa-f:]+\/[0-9]+$/)],
  "an address range, such as 203.0.113.0/24 or 2001:db8::/32; one address is 203.0.113.7/32",
);

/**
 * IAM principals that can have an access entry in a cluster. Service-linked roles cannot.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 */
export const PRINCIPAL_ARN = /^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)\/(?!aws-service-role\/)/;

export const principal = z.string().regex(PRINCIPAL_ARN, {
  error: ({ input }) => {
    const session = /^arn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role\/([^/]+)\//.exec(String(input));
    const hint = session
      ? `. This is the session of a role. Use the role itself, with its path if it has one: arn:${session[1]}:iam::${session[2]}:role/${session[3]}`
      : "";
    return `the ARN of an IAM role or user that can be given access, such as arn:aws:iam::123456789012:role/admin${hint}`;
  },
});

/**
 * The cluster's AWS resources are named after it. The longest of these names is an IAM role's, 64 characters at most:
 * 19 are taken by `-cluster-autoscaler` and 8 by a unique suffix.
 */
export const clusterName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,36}$/, "lower-case letters, digits and '-', 37 at most, starting with a letter");
