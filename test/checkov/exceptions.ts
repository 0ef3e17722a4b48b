/** A check that resources fail on purpose. */
export interface Exception {
  /** Id of the check: https://www.checkov.io/5.Policy%20Index/terraform.html */
  check: string;
  /** Addresses of the resources; <stack> stands for the stack's name. */
  resources: string[];
  /** @default both */
  stack?: "dev" | "prod";
  reason: string;
}

const NO_CERTIFICATE =
  "The stack has no certificate (loadBalancer.certificateArn), so it serves HTTP only. With one, HTTP redirects to HTTPS, as in prod.";

/** An exception that no longer applies fails the test. */
export const EXCEPTIONS: Exception[] = [
  {
    check: "CKV_AWS_339",
    resources: ["aws_eks_cluster.shop-<stack>"],
    reason:
      "checkov 3.3.30 does not know Kubernetes 1.36, which EKS supports. The program asks AWS itself which versions it supports, and " +
      "refuses the others.",
  },
  {
    check: "CKV2_AWS_15",
    resources: ["aws_autoscaling_attachment.shop-<stack>"],
    reason:
      "EKS checks the health of its nodes itself (nodeRepairConfig). With the load balancer's health checks, a broken ingress " +
      "controller would end every node.",
  },
  {
    check: "CKV2_AWS_28",
    resources: ["aws_lb.lb-shop-<stack>"],
    reason:
      "Only the team knows which requests are attacks; a firewall with default rules would refuse customers. The team can associate " +
      "its own web ACL with the load balancer's ARN, without a change here.",
  },
  {
    check: "CKV_AWS_91",
    resources: ["aws_lb.lb-shop-<stack>"],
    reason:
      "The ingress controller can log the same requests, with their service (accessLog of charts/traefik). The load balancer can only " +
      "write its log to a bucket that is not encrypted by a KMS key.",
  },
  { check: "CKV2_AWS_20", stack: "dev", resources: ["aws_lb.lb-shop-dev"], reason: NO_CERTIFICATE },
  { check: "CKV_AWS_2", stack: "dev", resources: ["aws_lb_listener.shop-dev-http"], reason: NO_CERTIFICATE },
  { check: "CKV_AWS_103", stack: "dev", resources: ["aws_lb_listener.shop-dev-http"], reason: NO_CERTIFICATE },
  { check: "CKV_AWS_378", stack: "dev", resources: ["aws_lb_target_group.http-shop-dev"], reason: NO_CERTIFICATE },
  {
    check: "CKV_AWS_150",
    stack: "dev",
    resources: ["aws_lb.lb-shop-dev"],
    reason: "protect: none. The environment is destroyed and recreated at will.",
  },
  {
    check: "CKV_AWS_260",
    resources: ["aws_vpc_security_group_ingress_rule.shop-<stack>-from-0_0_0_0-0-to-80"],
    reason: "A public site (loadBalancer.allowCidrs restricts it). With a certificate, HTTP redirects to HTTPS.",
  },
  {
    check: "CKV_AWS_39",
    resources: ["aws_eks_cluster.shop-<stack>"],
    reason:
      "CI and the team are outside the VPC, in the range of cluster.api.publicCidrs. Without it the endpoint is private. " +
      "CKV_AWS_38 checks that it is never open to everyone.",
  },
  {
    check: "CKV_AWS_51",
    stack: "prod",
    resources: ["aws_ecr_repository.shop"],
    reason:
      "Release tags are immutable. With IMMUTABLE_WITH_EXCLUSION only the tags of deployed images move; the check does not know it.",
  },
  {
    check: "CKV_AWS_338",
    resources: ["aws_cloudwatch_log_group.shop-<stack>-flow-logs"],
    reason:
      "Refused connections explain why something cannot connect; nobody needs them after 30 days. The audit log is kept for a year.",
  },
  {
    check: "CKV_AWS_18",
    resources: ["aws_s3_bucket.shop-<stack>-artifacts"],
    reason:
      "Only CI writes to it, and only people of the account read it. An access log would need another bucket; CloudTrail data " +
      "events log the same if a team wants it.",
  },
  {
    check: "CKV_AWS_144",
    resources: ["aws_s3_bucket.shop-<stack>-artifacts"],
    reason: "Artifacts can be rebuilt from the release's commit. The environment itself is in one region.",
  },
  {
    check: "CKV2_AWS_62",
    resources: ["aws_s3_bucket.shop-<stack>-artifacts"],
    reason: "Nothing reacts to an upload.",
  },
];
