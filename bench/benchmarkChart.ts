import { type EChartsOption, init } from "echarts";
import type { Figures } from "./figures";
import { type SubjectName, subjects } from "./subjects";

const size = { width: 960, height: 540, left: 70, right: 290, top: 92, bottom: 62 };
const colours = { text: "#1f2328", quiet: "#59636e", edge: "#818b98", grid: "#eef1f4" };
const fontFamily = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif";

/** Lines differ in dashes and marks too, so that no one has to tell colours apart. */
const styles: Record<SubjectName, { colour: string; symbol: string; type: "solid" | "dashed" | "dotted" }> = {
  documented: { colour: "#8c1d18", symbol: "diamond", type: "solid" },
  single: { colour: "#2f6f4f", symbol: "rect", type: "solid" },
  pair: { colour: "#1f6fb2", symbol: "circle", type: "solid" },
  shaped: { colour: "#1f6fb2", symbol: "emptyCircle", type: "dotted" },
  trivialReplaced: { colour: "#818b98", symbol: "emptyRect", type: "dashed" },
  trivialUpdated: { colour: "#818b98", symbol: "emptyCircle", type: "dashed" },
};

/** The time of a rotation against the number of keys, as an SVG: a line per subject, both axes logarithmic. */
export function drawRotations(figures: Figures): string {
  const option: EChartsOption = {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily, color: colours.text },
    title: {
      text: "How long a rotation takes, against the number of keys in the stack",
      subtext: "pulumi up, median, file backend; both axes are logarithmic.",
      left: 15,
      top: 12,
      itemGap: 6,
      textStyle: { fontSize: 17, fontWeight: 600, color: colours.text },
      subtextStyle: { fontSize: 13, color: colours.quiet },
    },
    grid: { left: size.left, right: size.right, top: size.top, bottom: size.bottom },
    xAxis: { ...axis("keys in the stack, each rotated once", 32), max: figures.most },
    yAxis: axis("seconds", 44),
    series: (Object.keys(styles) as SubjectName[]).map((subject) => ({
      type: "line",
      silent: true,
      data: figures.keys.map((count) => [count, figures.median(subject, "rotation", count)]),
      symbol: styles[subject].symbol,
      symbolSize: 8,
      lineStyle: { color: styles[subject].colour, type: styles[subject].type, width: 2 },
      itemStyle: { color: styles[subject].colour },
      endLabel: {
        show: true,
        formatter: () => subjects[subject].title,
        color: styles[subject].colour === "#818b98" ? colours.quiet : styles[subject].colour,
        fontFamily,
        fontSize: 13,
        distance: 12,
      },
      labelLayout: { moveOverlap: "shiftY" },
    })),
  };
  const chart = init(null, null, { renderer: "svg", ssr: true, width: size.width, height: size.height });
  try {
    chart.setOption(option);
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }

  function axis(name: string, nameGap: number) {
    return {
      type: "log",
      name,
      nameGap,
      nameLocation: "middle",
      nameTextStyle: { fontSize: 13, color: colours.quiet },
      axisLabel: { fontSize: 12, color: colours.quiet },
      axisLine: { show: true, lineStyle: { color: colours.edge } },
      splitLine: { lineStyle: { color: colours.grid } },
    } as const;
  }
}
