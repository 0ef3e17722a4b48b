import { DescribeAvailabilityZonesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { filtersOf } from "./filters.ts";
import { flag, text, texts } from "./props.ts";
import type { AwsFunction } from "./resource.ts";

/** `aws.getAvailabilityZones`: the zones of the region, by name. */
export const getAvailabilityZones: AwsFunction = {
  arguments: { allAvailabilityZones: {}, excludeNames: {}, excludeZoneIds: {}, filters: {}, state: {} },
  async invoke(args, aws) {
    const { AvailabilityZones = [] } = await aws.client(EC2Client).send(
      new DescribeAvailabilityZonesCommand({
        AllAvailabilityZones: flag(args, "allAvailabilityZones"),
        Filters: filtersOf({ state: text(args, "state") }, args),
      }),
    );
    const [names, ids] = [texts(args, "excludeNames") ?? [], texts(args, "excludeZoneIds") ?? []];
    const zones = AvailabilityZones.filter((zone) => !names.includes(zone.ZoneName ?? ""))
      .filter((zone) => !ids.includes(zone.ZoneId ?? ""))
      .sort((a, b) => ((a.ZoneName ?? "") < (b.ZoneName ?? "") ? -1 : 1));
    return {
      ...args,
      id: aws.region,
      groupNames: [...new Set(zones.map((zone) => zone.GroupName ?? ""))],
      names: zones.map((zone) => zone.ZoneName),
      zoneIds: zones.map((zone) => zone.ZoneId),
    };
  },
};
