import { Document, isScalar, type Node, type Scalar, stringify, visit } from "yaml";

/** Longer maps and lists get a line for each of their items. */
const MOST_CHARACTERS = 90;
/** services.<name>.<field>: what is below may be on one line. */
const SERVICES = "services";

/**
 * YAML as people write it here: small maps on one line, texts of several lines as blocks. Text that YAML 1.1 or 1.2 would read as something
 * else is quoted: the engine reads one of them, and this program the other.
 */
export function yamlText(comment: string, value: object): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  document.commentBefore = comment;
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && !node.value.includes("\n") && !isPlain(node.value)) {
        (node as Scalar).type = "QUOTE_DOUBLE";
      }
    },
    Collection(_, node, path) {
      const keys = path.flatMap((part) => {
        const { key } = part as { key?: Node };
        return isScalar(key) ? [String(key.value)] : [];
      });
      const at = keys.indexOf(SERVICES);
      const isField = at === -1 ? keys.length > (keys[0] === "config" ? 2 : 0) : keys.length >= at + 3;
      const text = JSON.stringify(node);
      if (isField && text.length <= MOST_CHARACTERS && !text.includes("\\n")) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function isPlain(text: string): boolean {
  return (["1.1", "1.2"] as const).every((version) => stringify(text, { lineWidth: 0, version }).trimEnd() === text);
}
