import { type EChartsOption, init } from "echarts";

export const colours = { text: "#1f2328", quiet: "#59636e", edge: "#818b98", grid: "#eef1f4", bar: "#c8d1da" };
export const fontFamily = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif";

/** What all pictures have in common, and a chart of its own, as an SVG. */
export function drawChart(
  { width, height }: { width: number; height: number },
  title: { text: string; subtext: string },
  chart: EChartsOption,
): string {
  const drawing = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    drawing.setOption({
      animation: false,
      backgroundColor: "#ffffff",
      textStyle: { fontFamily, color: colours.text },
      title: {
        ...title,
        left: 15,
        top: 12,
        itemGap: 6,
        textStyle: { fontSize: 17, fontWeight: 600, color: colours.text },
        subtextStyle: { fontSize: 13, color: colours.quiet },
      },
      ...chart,
    });
    return `${drawing.renderToSVGString()}\n`;
  } finally {
    drawing.dispose();
  }
}

/** An axis with its name in the middle. */
export function axis(name: string, nameGap: number) {
  return {
    name,
    nameGap,
    nameLocation: "middle",
    nameTextStyle: { fontSize: 13, color: colours.quiet },
    axisLabel: { fontSize: 12, color: colours.quiet },
    axisLine: { show: true, lineStyle: { color: colours.edge } },
    splitLine: { lineStyle: { color: colours.grid } },
  } as const;
}
