import { describe, expect, it } from "vitest";
import { faultsOf } from "../config-of.ts";

const service = {
  build: { context: "." },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
};
const targets = {
  eks: {
    namespace: "shop",
    aws: { accountId: "123456789012", region: "ap-northeast-2" },
    registry: { repository: "shop", owner: "prod" },
    cluster: {
      target: "eks",
      version: "1.36",
      admins: ["arn:aws:iam::123456789012:role/admin"],
      nodeGroup: { instanceTypes: ["t3.medium"], min: 2, max: 4 },
    },
  },
  existing: {
    namespace: "shop",
    cluster: { target: "existing", context: "here" },
    images: { repository: "127.0.0.1:5000/shop" },
  },
};
const roleArn = "arn:aws:iam::123456789012:role/team/ledger";
const irsa = { "eks.amazonaws.com/role-arn": roleArn };

function faults(target: keyof typeof targets, serviceAccount: object) {
  return faultsOf({ ...targets[target], services: { ledger: { ...service, serviceAccount } } });
}

describe("an IAM role for a service's pods", () => {
  it("is given by Pod Identity on the target eks, and by an annotation on an existing cluster", () => {
    expect(faults("eks", { roleArn, annotations: { team: "a" } })).toEqual([]);
    expect(faults("existing", { annotations: irsa })).toEqual([]);
  });

  it.each<[string, keyof typeof targets, object, RegExp]>([
    [
      "by an annotation on the target eks",
      "eks",
      { annotations: irsa },
      /role-arn: .*no OIDC provider.*Use serviceAccount\.roleArn/,
    ],
    ["by Pod Identity on an existing cluster", "existing", { roleArn }, /roleArn: .*only for cluster\.target: eks/],
    [
      "of another account",
      "eks",
      { roleArn: "arn:aws:iam::210987654321:role/a" },
      /roleArn: .*the cluster's account, 123456789012/,
    ],
    ["that is a user", "eks", { roleArn: "arn:aws:iam::123456789012:user/a" }, /roleArn: .*the ARN of an IAM role/],
  ])("is not given %s", (_, target, serviceAccount, message) => {
    expect(faults(target, serviceAccount)).toEqual([expect.stringMatching(message)]);
  });
});
