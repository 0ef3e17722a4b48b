/** Bytes that surround a value in a longer text before base64: `user:password`, `password\n`. */
const ALIGNMENTS = [0, 1, 2];

/** A part of base64 this short may be a part of any other text. */
const SHORTEST_PART = 8;

/** A value as logs and messages write it: as it is, in base64, JSON, URLs, HTML, hexadecimal and between quotes. */
export function encodingsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const json = JSON.stringify(value).slice(1, -1);
  return [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    // Go's encoding/json.
    json.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e"),
    value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
    // YAML, shell.
    value.replaceAll("'", "''"),
    value.replaceAll("'", "'\\''"),
    ...urlEncoded(value),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    bytes.toString("base64"),
    Buffer.from(bytes.toString("base64")).toString("base64"),
    ...ALIGNMENTS.flatMap((before) => insideBase64(bytes, before)),
  ];
}

/** Half of a surrogate pair cannot be encoded. */
function urlEncoded(value: string): string[] {
  if (!value.isWellFormed()) return [];
  return [encodeURIComponent(value), new URLSearchParams([["", value]]).toString().slice(1), encodeURI(value)];
}

/** The characters of base64 that the value alone determines, if so many bytes stand before it. Nothing stands after it at the end. */
function insideBase64(bytes: Buffer, before: number): string[] {
  const padded = Buffer.concat([Buffer.alloc(before), bytes]);
  // The last character also depends on what follows, unless the bytes fill it.
  const characters = Math.floor((padded.length * 8) / 6);
  const start = Math.ceil((before * 8) / 6);
  return (["base64", "base64url"] as const)
    .map((encoding) => padded.toString(encoding).slice(start, characters))
    .filter((part) => part.length >= SHORTEST_PART);
}
