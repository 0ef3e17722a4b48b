const WIDTH = 720;
const HEIGHT = 160;
const LEFT = 44;
const TOP = 28;
const BOTTOM = 24;
const COLOURS = ["#4c78a8", "#54a24b", "#b279a2"];
const FAILED = "#e45756";

/**
 * A picture of the answers of each second as stacked bars, a colour a release, failures in red.
 *
 * @param perSecond as in LoadReport
 * @param commandSeconds when the command ended, which is marked
 * @returns an SVG document
 */
export function drawTraffic(
  perSecond: Record<string, number>[],
  { commandSeconds }: { commandSeconds: number },
): string {
  const series = [...new Set(perSecond.flatMap((counts) => Object.keys(counts)))].filter((name) => name !== "failed");
  const names = [...series, "failed"];
  const colour = (name: string) => (name === "failed" ? FAILED : (COLOURS[series.indexOf(name)] ?? "#999"));
  const most = Math.max(1, ...perSecond.map((counts) => Object.values(counts).reduce((sum, count) => sum + count, 0)));
  const step = WIDTH / Math.max(1, perSecond.length);
  const x = (second: number) => LEFT + second * step;
  const bars = perSecond.flatMap((counts, second) => {
    let base = TOP + HEIGHT;
    return names.map((name) => {
      const height = ((counts[name] ?? 0) / most) * HEIGHT;
      base -= height;
      return height === 0 ? "" : rectangle(x(second), base, step + 0.2, height, colour(name));
    });
  });
  const ticks = Array.from({ length: Math.floor(perSecond.length / 10) + 1 }, (_, index) => index * 10);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 16} ${TOP + HEIGHT + BOTTOM}" font-family="sans-serif" font-size="11">`,
    rectangle(0, 0, LEFT + WIDTH + 16, TOP + HEIGHT + BOTTOM, "#fff"),
    ...bars.filter(Boolean),
    ...names.map(
      (name, index) =>
        `${rectangle(LEFT + index * 90, 8, 10, 10, colour(name))}<text x="${LEFT + 14 + index * 90}" y="17">${name}</text>`,
    ),
    `<text x="4" y="${TOP + 8}">${most}/s</text><text x="4" y="${TOP + HEIGHT}">0</text>`,
    ...ticks.map((tick) => `<text x="${round(x(tick))}" y="${TOP + HEIGHT + 16}">${tick} s</text>`),
    `<line x1="${round(x(commandSeconds))}" x2="${round(x(commandSeconds))}" y1="${TOP - 6}" y2="${TOP + HEIGHT}" stroke="#333" stroke-dasharray="3 3"/>`,
    `<text x="${round(x(commandSeconds) + 3)}" y="${TOP - 1}">command ends</text>`,
    "</svg>",
  ].join("\n")}\n`;
}

function rectangle(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"/>`;
}

const round = (value: number) => Math.round(value * 10) / 10;
