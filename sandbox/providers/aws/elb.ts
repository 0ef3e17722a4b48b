import { listenerResources } from "./elb-listener.ts";
import { loadBalancerResources } from "./elb-load-balancer.ts";
import { targetGroupResources } from "./elb-target-group.ts";
import type { AwsResource } from "./resource.ts";

/** The types of Elastic Load Balancing: application and network load balancers. */
export const elbResources: Record<string, AwsResource> = {
  ...loadBalancerResources,
  ...targetGroupResources,
  ...listenerResources,
};
