import { axis, colours, drawChart, fontFamily, githubWidth } from "./chart";
import type { Figures } from "./figures";
import { type MeasuredName, titleOf } from "./subjects";

const size = { width: githubWidth, height: 500, left: 60, right: 265, top: 92, bottom: 62 };

interface Style {
  colour: string;
  symbol: string;
  type: "solid" | "dashed" | "dotted";
}

/** Lines differ in dashes and marks too, so that no one has to tell colours apart. */
const styles: Partial<Record<MeasuredName, Style>> = {
  documented: { colour: colours.red, symbol: "diamond", type: "solid" },
  single: { colour: colours.green, symbol: "rect", type: "solid" },
  pair: { colour: colours.blue, symbol: "circle", type: "solid" },
  shaped: { colour: colours.blue, symbol: "emptyCircle", type: "dotted" },
  trivialReplaced: { colour: colours.edge, symbol: "emptyRect", type: "dashed" },
  trivialUpdated: { colour: colours.edge, symbol: "emptyCircle", type: "dashed" },
};

/** The time of a rotation against the number of keys, as an SVG: a line per subject, both axes logarithmic. */
export function drawRotations(figures: Figures): string {
  const title = {
    text: "How long a rotation takes, by the number of keys in the stack",
    subtext: "pulumi up, median, state in a local file. Both axes are logarithmic.",
  };
  return drawChart(size, title, {
    grid: { left: size.left, right: size.right, top: size.top, bottom: size.bottom },
    xAxis: { type: "log", ...axis("keys in the stack; each is rotated once", 32), max: figures.most },
    yAxis: { type: "log", ...axis("seconds", 44), max: 200 },
    series: (Object.entries(styles) as [MeasuredName, Style][]).map(([subject, { colour, symbol, type }]) => ({
      type: "line",
      silent: true,
      data: figures.keys.map((count) => [count, figures.median(subject, "rotation", count)]),
      symbol,
      symbolSize: 8,
      lineStyle: { color: colour, type, width: 2 },
      itemStyle: { color: colour },
      endLabel: {
        show: true,
        formatter: () => titleOf(subject),
        color: colour === colours.edge ? colours.quiet : colour,
        fontFamily,
        fontSize: 13,
        distance: 12,
      },
      labelLayout: { moveOverlap: "shiftY" },
    })),
  });
}
