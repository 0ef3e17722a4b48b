import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "../../delivery/failure.ts";
import { redact, refuseSecretArguments } from "../../delivery/secrets.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

// Concatenated, so that secret scanners do not report them.
const forms = [
  ["a webhook of Slack", `https://hooks.slack.com/services/${"T000/B000/abcdefghijkl"}`],
  ["a webhook of a workflow", `https://hooks.slack.com/triggers/${"E000/123/abcdef"}`],
  ["a webhook of GovSlack", `https://hooks.slack-gov.com/services/${"T000/B000/abcdefghijkl"}`],
  ["a person's token of GitHub", `ghp_${"a1".repeat(18)}`],
  ["a fine-grained token of GitHub", `github_pat_${"a1_".repeat(20)}`],
  ["a job's token of GitHub", `ghs_${"A1".repeat(18)}`],
  // https://github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header/
  [
    "a job's token of GitHub since 2026",
    `ghs_123456_${["eyJhbGciOi", "eyJpc3Mi-OiJ", "c2ln_bmF-0dXJl"].join(".")}${"x".repeat(40)}`,
  ],
  ["a bot's token of Slack", `xoxb-${"123456789012-abcdef"}`],
  ["a key of AWS", `AKIA${"ABCDEFGH12345678"}`],
  ["a passing key of AWS", `ASIA${"ABCDEFGH12345678"}`],
  ["a token of Pulumi", `pul-${"0a".repeat(20)}`],
] as const;

describe("redact", () => {
  it.each([
    ...["GITHUB_TOKEN", "SLACK_WEBHOOK_URL", "PULUMI_CONFIG_PASSPHRASE", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"],
    ...["AWS_SESSION_TOKEN", "DB_PASSWORD", "SIGNING_PRIVATE_KEY", "MAIL_API_KEY", "REGISTRY_CREDENTIALS"],
    ...[
      "BITBUCKET_STEP_OIDC_TOKEN",
      "DEPLOY_KEY",
      "GH_PAT",
      "DB_PASS",
      "MYSQL_PWD",
      "NPM_AUTH",
      "npm_config__authToken",
    ],
  ])("masks the value of %s, as it is and in base64", (name) => {
    const value = "s3cr3t/+value";
    const text = `<${value}> "${base64(value)}" ${value}${value}`;
    expect(redact(text, { [name]: value })).toBe('<***> "***" ******');
    expect(redact(text, { [name]: `${value}\n` })).toBe('<***> "***" ******');
  });

  it.each([
    ["AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"],
    ["PULUMI_CONFIG_PASSPHRASE_FILE", "/run/passphrase"],
    ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials"],
    ["SECRETS_DIR", "/run/secrets"],
    ["GIT_CREDENTIALS_PATH", "/home/ci/.git-credentials"],
    ["OAUTH_TOKEN_URL", "https://login.example.com"],
    ["GITHUB_REPOSITORY", "example/shop"],
    ["TOKENS", ""],
    ["MAX_TOKENS", "200000-a-day-and-more"],
    ["VAULT_SECRET_MOUNT", "kv-of-the-staging-team"],
    ["K8S_SECRET_NAME", "shop-database-login"],
    ["PWD", "/home/ada/projects/shop"],
    ["SSH_AUTH_SOCK", "/tmp/ssh-agent/agent.1"],
    ["CACHE_KEY", "linux-node-24-modules"],
  ])("keeps the value of %s, which is public", (name, value) => {
    expect(redact(`it is ${value} here`, { [name]: value })).toBe(`it is ${value} here`);
  });

  it.each(["local", "staging", "production", "prod-eu", "eu-west-1", "200000", "true", "none", "공개", "a1b2c"])(
    "keeps %s, a short word or number that happens to be somebody's password",
    (word) => {
      const text = `${word}: the ${word} stack, v1.${word}.0`;
      expect(redact(text, { PULUMI_CONFIG_PASSPHRASE: word, SOME_TOKEN: `${word}\n` })).toBe(text);
    },
  );

  it.each([
    ["MY_THING", "kJ8sQ2mZ7xWp4LtR9vNc"],
    ["LEGACY", "Zm9vYmFy.QUJDREVGR0hJSktM1a2b3C4d5E"],
    ["CACHE", "redis://:s3cr3t-of-redis@cache:6379/0"],
    ["UPSTREAM", "postgres://app:p@ss/word-of-ours@db/shop"],
    ["STORE", "https://x.example.com/a?sig=AbCdEf123456%2Fxyz&v=1"],
    ["SENTRY_DSN", "s3cr3t-value-of-mine"],
    ["DOCKER_AUTH_CONFIG", "s3cr3t-value-of-mine"],
    ["DB_PASSWORD", "4815162342"],
  ])("masks the secret in %s, whose name need not say so", (name, value) => {
    const [, secret = value] = /^\w+:\/\/[^:]*:(.+)@|[?]sig=([^&]+)/.exec(value)?.filter(Boolean) ?? [];
    for (const text of [secret, base64(`user:${secret}`), encodeURIComponent(secret)]) {
      const masked = redact(`<${text}>`, { [name]: value });
      expect(masked).toContain("***");
      expect(masked).not.toContain(text);
    }
  });

  it.each([
    ["GITHUB_SHA", "5e15f0a2b3c4d5e6f708192a3b4c5d6e7f809102"],
    ["BRANCH", "feature/SHOP-1234-Add-gift-cards-2"],
    ["IMAGE_TAG", "v1.2.3-5e15f0a"],
    ["HOME", "/home/Ada/Projects2/shop-and-cards"],
    ["RUNNER", "GitHub Actions 1000000123"],
    ["URL", "https://user@shop.example.com/a?page=1"],
  ])("keeps the value of %s, which only looks long", (name, value) => {
    expect(redact(`it is ${value} here`, { [name]: value })).toBe(`it is ${value} here`);
  });

  it("masks a password that a program prints with the name of its variable", () => {
    expect(redact("env: DB_PASSWORD=hush-hush PORT=80", {})).toBe("env: DB_PASSWORD=*** PORT=80");
    expect(redact("set GITHUB_TOKEN=$TOKEN", {})).toBe("set GITHUB_TOKEN=$TOKEN");
  });

  it.each(["hunter2", "s3cr3t", "p@ssword", "correct-horse-battery", "abcdefghijklmnop"])("masks %s", (value) => {
    expect(redact(`<${value}>`, { DB_PASSWORD: value })).toBe("<***>");
  });

  it.each([
    ["in base64 without padding", (text: string) => base64(text).replaceAll("=", "")],
    ["in base64 for URLs", (text: string) => Buffer.from(text).toString("base64url")],
    ["in base64 with a user before it", (text: string) => base64(`AWS:${text}`)],
    ["in base64 with a line break after it", (text: string) => base64(`${text}\n`)],
    ["in base64 twice", (text: string) => base64(base64(text))],
    ["in a URL", encodeURIComponent],
    ["in a form", (text: string) => new URLSearchParams({ text }).toString().slice("text=".length)],
    ["in HTML", (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")],
    [
      "in the JSON of Go",
      (text: string) => text.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e"),
    ],
    ["in JSON within JSON", (text: string) => JSON.stringify(JSON.stringify(text)).slice(3, -3)],
    ["in hexadecimal", (text: string) => Buffer.from(text).toString("hex")],
    ["between quotes of YAML", (text: string) => text.replaceAll("'", "''")],
    ["between quotes of a shell", (text: string) => text.replaceAll("'", "'\\''")],
  ])("masks a value %s", (_, encode) => {
    for (const value of ["p@ss/w0rd+Zx&9<q>", 'it\'s-a-"secret"', "schlüssel-der-tür"]) {
      const masked = redact(`<${encode(value)}>`, { DB_PASSWORD: value });
      // Of base64, the characters that depend on the text around the value stay.
      expect(masked.replace("***", "").length).toBeLessThanOrEqual(14);
      expect(masked).toContain("***");
    }
  });

  it("masks the password in a URL, whatever variable holds it", () => {
    expect(redact("postgres://app:hush@db:5432/shop and http://proxy:8080/a", {})).toBe(
      "postgres://app:***@db:5432/shop and http://proxy:8080/a",
    );
  });

  it("masks every secret completely, even if one is the start of another", () => {
    // The text around them has no character of a secret or of base64.
    const around = fc.stringMatching(/^[ .:,;()\n]{1,3}$/);
    const secret = fc
      .string({ unit: fc.constantFrom(..."ab1$&*?+\\[{^'\"/ü"), minLength: 6, maxLength: 12 })
      .filter((value) => /[$&*?+\\[{^'"]/.test(value));
    const environment = fc.uniqueArray(secret, { minLength: 1, maxLength: 4 }).chain((secrets) =>
      fc.record({
        secrets: fc.constant([...secrets, ...secrets.map((value) => `${value}${value.slice(0, 3)}`)]),
        parts: fc.array(fc.tuple(around, fc.nat(), fc.boolean()), { maxLength: 10 }),
      }),
    );
    fc.assert(
      fc.property(environment, ({ secrets, parts }) => {
        const names = Object.fromEntries(secrets.map((value, at) => [`TOKEN_${at}`, value]));
        const text = parts.map(([around, pick, encoded]) => {
          const value = secrets[pick % secrets.length] ?? "";
          return `${around}${encoded ? base64(value) : value}`;
        });
        const expected = parts.map(([around]) => `${around}***`);
        expect(redact(text.join(""), names)).toBe(expected.join(""));
      }),
    );
  });

  it.each(forms)("recognises %s by its format and masks it completely", (_, secret) => {
    expect(redact(`token=${secret}`, {})).toBe("token=***");
    expect(redact(`${secret}\nand ${secret} again`, {})).toBe("***\nand *** again");
    expect(redact(`https://x:${secret}@example.com`, {})).not.toContain(secret.slice(-8));
  });

  it("keeps JSON valid", () => {
    for (const [form, secret] of forms) {
      const record = (value: string) => ({ form, reason: `cannot ask ${value}`, list: [value, 1], last: "x" });
      expect(JSON.parse(redact(JSON.stringify(record(secret)), {}))).toEqual(record("***"));
    }
  });

  it("finds a value that JSON escapes", () => {
    const values = fc
      .string({ unit: fc.constantFrom("a", "b", '"', "\\", "\n", "\t", "ü", "😀"), minLength: 6 })
      .filter((value) => value.trim().length >= 6 && /["\\😀]/u.test(value.trim()));
    fc.assert(
      fc.property(values, (value) => {
        const text = redact(JSON.stringify({ reason: `: ${value} :` }), { SOME_TOKEN: value });
        expect(JSON.parse(text)).toEqual({ reason: ": *** :" });
      }),
      { examples: [["aaaaaa\\"], ["\\\\\\\\\\\\"]] },
    );
  });

  it("finds each line of a multi-line value, because logs are masked line by line", () => {
    const key =
      "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nb2xkIGtleSBvZiBub2JvZHk=\n-----END PRIVATE KEY-----\n";
    const environment = { SIGNING_PRIVATE_KEY: key };
    expect(redact(`key: ${key}!`, environment)).toBe("key: ***!");
    for (const line of key.split("\n").slice(1, 3)) expect(redact(`12: ${line}`, environment)).toBe("12: ***");
  });

  it("keeps text that only resembles a secret", () => {
    const text = "v1.2.3-5e15f0a ghp_short AKIA12 sha256:0a0a0a pul-abc https://hooks.slack.com/ xoxb-1 $& task-100";
    expect(redact(text, { PATH: "/usr/bin", HOME: "/root" })).toBe(text);
  });
});

describe("refuseSecretArguments", () => {
  const environment = { GITHUB_TOKEN: "a-token-of-nobody", PULUMI_CONFIG_PASSPHRASE: "local", DB_PASSWORD: "staging2" };

  it("accepts arguments without secrets", () => {
    const args = [
      "deploy",
      "--stack",
      "local",
      "--release=v1.2.3-5e15f0a",
      "--title",
      "[minor] Add tokens and secrets",
      "--to=staging2",
    ];
    expect(() => refuseSecretArguments(args, environment)).not.toThrow();
  });

  it.each([...forms, ["a value of the environment", "a-token-of-nobody"] as const])(
    "refuses %s, and does not repeat it",
    (_, secret) => {
      for (const argument of [secret, `--reason=cannot log in with ${secret}`]) {
        const refuse = () => refuseSecretArguments(["notify", "--stack", "prod", argument, "--dry-run"], environment);
        expect(refuse).toThrow(Failure);
        expect(refuse).toThrow(/^Argument 4 is a secret; nothing was done\..*Pass secrets in the environment/);
        expect(refuse).not.toThrow(secret);
      }
    },
  );
});
