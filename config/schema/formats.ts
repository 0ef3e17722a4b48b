import { z } from "zod";
import { canonicalRange, sameSpelling } from "../address-range.ts";

/**
 * A release tag. It becomes part of an image tag and the value of the label `app.kubernetes.io/version`, so the label's
 * limits apply: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export const releaseTag = z
  .string({
    error: ({ input }) =>
      input === undefined || input === null
        ? undefined
        : "text: without quotes, YAML reads it as something else, and 1.10 becomes 1.1. Put it in quotes",
  })
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    "a tag of 1 to 63 letters, digits, '.', '_' and '-' that starts and ends with a letter or digit, such as v1.2.3-5e15f0a",
  );

/**
 * Words that YAML 1.1 reads as true, false or nothing where they stand without quotes: https://yaml.org/type/bool.html. Helm reads
 * YAML 1.1.
 */
const YAML_WORDS = /^(?!(y|n|yes|no|on|off|true|false|null)$)/;
const notYamlWord =
  "a name that YAML reads as text, which y, n, yes, no, on, off, true, false and null are not. Use another name";

/** A DNS label (https://datatracker.ietf.org/doc/html/rfc1123), 40 characters at most so that suffixes fit. */
export const dnsName = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/, "1 to 40 lower-case letters, digits and '-', starting with a letter")
  .regex(YAML_WORDS, notYamlWord);

/** Name of a namespace that the stack does not create. */
export const namespaceName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "1 to 63 lower-case letters, digits and '-', such as ingress-nginx")
  .regex(/[a-z-]/, "a name with a letter: YAML would read it as a number")
  .regex(YAML_WORDS, notYamlWord);

/** Name of most Kubernetes objects that the stack does not create, such as an IngressClass. */
export const objectName = z
  .string()
  .regex(
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    "lower-case letters, digits, '-' and '.', such as nginx",
  )
  .regex(/[a-z]/, "a name with a letter: YAML would read it as a number")
  .regex(/^(?![0-9][0-9.]*e[0-9]+$)/, "a name that YAML does not read as a number")
  .regex(YAML_WORDS, notYamlWord);

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/#IngressSpec */
export const hostName = z
  .string()
  .regex(
    /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "a lower-case host name with a domain, such as shop.example.com; *. in front of it stands for one label",
  )
  .regex(/^.{1,253}$/s, "a host name of 253 characters at most");

/**
 * Name of an environment variable that a ConfigMap or Secret gives:
 * https://github.com/kubernetes/apimachinery/blob/v0.36.1/pkg/util/validation/validation.go (IsEnvVarName, IsConfigMapKey). __proto__
 * cannot be a key of a map in JavaScript.
 */
export const environmentVariable = z
  .string()
  .regex(
    /^(?!\.\.?$|\.\.|__proto__$)[A-Za-z_.-][A-Za-z0-9_.-]{0,252}$/,
    "1 to 253 letters, digits, '_', '.' and '-', not starting with a digit or '..'",
  );

/** Value of a variable, or an argument. Linux ends both at the first zero byte, so no container starts with one. */
export const processText = z.string().regex(/^[^\0]*$/, "text without a zero byte");

/** A number of pods, or a share of them. */
export const podsOrShare = z.union(
  [z.int().min(0).max(1000), z.string().regex(/^(100|[1-9]?[0-9])%$/, 'a share such as "25%", "100%" at most')],
  'a number of pods or a share such as "25%"',
);

export const seconds = z.int().min(0).max(3600);

/** A duration of Go, as Traefik takes it: https://pkg.go.dev/time#ParseDuration */
export const duration = z
  .string()
  .regex(/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/, "a duration with its unit, such as 90s, 10m or 1h30m; 0s is no limit");

export const port = z.int().min(1).max(65535);

/** Characters of a URL's path, as https://datatracker.ietf.org/doc/html/rfc3986#section-3.3 has them. */
const PATH_CHARACTERS = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*";

/**
 * Path prefix of an Ingress. Kubernetes refuses what a proxy may read in two ways:
 * https://github.com/kubernetes/kubernetes/blob/v1.36.1/pkg/apis/networking/validation/validation.go (invalidPathSequences)
 */
export const urlPath = z
  .string()
  .startsWith("/")
  .regex(
    new RegExp(`^${PATH_CHARACTERS}$`),
    "a path without query, spaces and marks that a URL does not have, such as /api",
  )
  .regex(/^(?!.*(\/\/|\/\.\.?(\/|$)|%2[fF]))/, "a path without //, /./, /../ and %2f");

/** What a probe asks for: a path, and a query if need be. */
export const probePath = z
  .string()
  .startsWith("/")
  .regex(
    new RegExp(`^${PATH_CHARACTERS}(\\?(?:${PATH_CHARACTERS}|[?])*)?$`),
    "a path of a URL, such as /healthz or /healthz?full=1",
  );

/** Where a volume is mounted. Kubernetes takes no ":", the rest would hide the system's own files or is one path in two ways. */
export const mountPath = z
  .string()
  .regex(/^\/[!-9;-~]+$/, "an absolute path other than /, without spaces and ':', such as /var/lib/data")
  .regex(/^(?!.*(\/\/|\/\.\.?(\/|$)|\/$))/, "a path without //, '.', '..' and a slash at its end")
  .regex(/^(?!\/(proc|sys|dev)(\/|$))/, "a path outside /proc, /sys and /dev, which belong to the system");

export const accountId = z.string().regex(/^[0-9]{12}$/, 'twelve digits in quotes, such as "123456789012"');
export const arn = z.string().regex(/^arn:aws[a-z-]*:/, "an ARN, such as arn:aws:iam::123456789012:role/admin");
export const roleArn = z
  .string()
  .regex(
    /^arn:aws:iam::[0-9]{12}:role\/[\w+=,.@/-]+$/,
    "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/ledger",
  );
export const cidr = z.cidrv4("an IPv4 range, such as 203.0.113.0/24");
/**
 * A range that a network policy can name. Kubernetes refuses an IPv4 address in IPv6 form, and bits behind the prefix:
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-network/4858-ip-cidr-validation
 */
export const addressRange = z
  .union(
    [z.cidrv4(), z.cidrv6().regex(/^[0-9A-Fa-f:]+\/[0-9]+$/)],
    "an address range, such as 203.0.113.0/24 or 2001:db8::/32; one address is 203.0.113.7/32",
  )
  .superRefine((range, context) => {
    const [first, one] = [canonicalRange(range), `${range.split("/")[0]}/${range.includes(":") ? 128 : 32}`];
    if (sameSpelling(range) === first) return;
    context.addIssue({ code: "custom", message: `not the first address of its range. Use ${first}, or ${one}` });
  })
  .overwrite(sameSpelling);

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
