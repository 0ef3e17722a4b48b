/**
 * The id of a route, which AWS has none for: `r-`, its table and the CRC-32 of its destination.
 *
 * @param destination range or prefix list.
 */
export function routeId(routeTableId: string, destination: string): string {
  return `r-${routeTableId}${crc32(destination)}`;
}

/** CRC-32 as in zip files; `zlib.crc32` is younger than the oldest Node that is served. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
