/** A check that resources fail on purpose. */
export interface Exception {
  /** Id of the check: https://www.checkov.io/5.Policy%20Index/terraform.html */
  check: string;
  /** Their addresses; <stack> stands for the stack's name. */
  resources: string[];
  /** @default both */
  stack?: "dev" | "prod";
  reason: string;
}

const NO_CERTIFICATE =
  "The stack names no certificate (loadBalancer.certificateArn), so HTTP is all there is. With one, HTTP only sends there: see prod.";

/** All of them, each with its reason. One that no longer applies fails the test. */
export const EXCEPTIONS: Exception[] = [
  {
    check: "CKV2_AWS_15",
    resources: ["aws_autoscaling_attachment.shop-<stack>"],
    reason:
      "The group is EKS's, which looks after its nodes' health itself (nodeRepairConfig). Asking the load balancer instead would have " +
      "every node ended when it is the ingress controller that does not answer.",
  },
  {
    check: "CKV2_AWS_28",
    resources: ["aws_lb.lb-shop-<stack>"],
    reason:
      "Which requests are an attack is for the team to say; a firewall with rules that nobody chose refuses customers. One of the " +
      "team's own is associated with the load balancer by its ARN, without a change here.",
  },
  {
    check: "CKV_AWS_91",
    resources: ["aws_lb.lb-shop-<stack>"],
    reason:
      "The ingress controller can log the same requests and knows the service each went to (accessLog of charts/traefik). The load " +
      "balancer's own log takes a bucket that is not encrypted by the environment's key: it can write to no other.",
  },
  { check: "CKV2_AWS_20", stack: "dev", resources: ["aws_lb.lb-shop-dev"], reason: NO_CERTIFICATE },
  { check: "CKV_AWS_2", stack: "dev", resources: ["aws_lb_listener.shop-dev-http"], reason: NO_CERTIFICATE },
  { check: "CKV_AWS_103", stack: "dev", resources: ["aws_lb_listener.shop-dev-http"], reason: NO_CERTIFICATE },
  { check: "CKV_AWS_378", stack: "dev", resources: ["aws_lb_target_group.http-shop-dev"], reason: NO_CERTIFICATE },
  {
    check: "CKV_AWS_150",
    stack: "dev",
    resources: ["aws_lb.lb-shop-dev"],
    reason: "protect: none. The environment is destroyed and made anew at will.",
  },
  {
    check: "CKV_AWS_260",
    resources: ["aws_vpc_security_group_ingress_rule.shop-<stack>-from-0_0_0_0-0-to-80"],
    reason:
      "The door of a public site (loadBalancer.allowCidrs narrows it). Behind a certificate, who asks by HTTP is sent to HTTPS.",
  },
  {
    check: "CKV_AWS_39",
    resources: ["aws_eks_cluster.shop-<stack>"],
    reason:
      "CI and the team are outside the VPC, at the range that the stack names (cluster.api.publicCidrs). Without it the endpoint is " +
      "private only; that it is never open to all, CKV_AWS_38 sees to.",
  },
  {
    check: "CKV_AWS_51",
    stack: "prod",
    resources: ["aws_ecr_repository.shop"],
    reason:
      "A release's tag is immutable. IMMUTABLE_WITH_EXCLUSION lets only the marks of what is deployed move, and the check does not know it.",
  },
  {
    check: "CKV_AWS_338",
    resources: ["aws_cloudwatch_log_group.shop-<stack>-flow-logs"],
    reason:
      "Refused connections serve to find out why something cannot connect; after 30 days nobody asks. The audit log is kept for a year.",
  },
  {
    check: "CKV_AWS_18",
    resources: ["aws_s3_bucket.shop-<stack>-artifacts"],
    reason:
      "Only CI's role writes to it, one object per release, and reads are by the account's own people: a log of them would be another " +
      "bucket to keep. CloudTrail's data events tell the same where a team wants it.",
  },
  {
    check: "CKV_AWS_144",
    resources: ["aws_s3_bucket.shop-<stack>-artifacts"],
    reason: "What a release is made of can be made again from its commit. The environment itself is in one region.",
  },
  {
    check: "CKV2_AWS_62",
    resources: ["aws_s3_bucket.shop-<stack>-artifacts"],
    reason: "Nothing waits for an upload.",
  },
];
