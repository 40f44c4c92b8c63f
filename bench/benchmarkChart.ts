import { axis, colours, drawChart, fontFamily } from "./chart";
import type { Figures } from "./figures";
import { type SubjectName, subjects } from "./subjects";

const size = { width: 960, height: 540, left: 70, right: 290, top: 92, bottom: 62 };

interface Style {
  colour: string;
  symbol: string;
  type: "solid" | "dashed" | "dotted";
}

/** Lines differ in dashes and marks too, so that no one has to tell colours apart. */
const styles: Partial<Record<SubjectName, Style>> = {
  documented: { colour: "#8c1d18", symbol: "diamond", type: "solid" },
  single: { colour: "#2f6f4f", symbol: "rect", type: "solid" },
  pair: { colour: "#1f6fb2", symbol: "circle", type: "solid" },
  shaped: { colour: "#1f6fb2", symbol: "emptyCircle", type: "dotted" },
  trivialReplaced: { colour: "#818b98", symbol: "emptyRect", type: "dashed" },
  trivialUpdated: { colour: "#818b98", symbol: "emptyCircle", type: "dashed" },
};

/** The time of a rotation against the number of keys, as an SVG: a line per subject, both axes logarithmic. */
export function drawRotations(figures: Figures): string {
  const title = {
    text: "How long a rotation takes, against the number of keys in the stack",
    subtext: "pulumi up, median, file backend; both axes are logarithmic.",
  };
  return drawChart(size, title, {
    grid: { left: size.left, right: size.right, top: size.top, bottom: size.bottom },
    xAxis: { type: "log", ...axis("keys in the stack, each rotated once", 32), max: figures.most },
    yAxis: { type: "log", ...axis("seconds", 44) },
    series: (Object.entries(styles) as [SubjectName, Style][]).map(([subject, { colour, symbol, type }]) => ({
      type: "line",
      silent: true,
      data: figures.keys.map((count) => [count, figures.median(subject, "rotation", count)]),
      symbol,
      symbolSize: 8,
      lineStyle: { color: colour, type, width: 2 },
      itemStyle: { color: colour },
      endLabel: {
        show: true,
        formatter: () => subjects[subject].title,
        color: colour === "#818b98" ? colours.quiet : colour,
        fontFamily,
        fontSize: 13,
        distance: 12,
      },
      labelLayout: { moveOverlap: "shiftY" },
    })),
  });
}
