import { type EChartsOption, init } from "echarts";

/** As wide as a page on GitHub, so that letters are there as large as they say. */
export const githubWidth = 838;
/** Each has its counterpart on a dark page. */
export const colours = {
  background: "#fff",
  text: "#1f2328",
  quiet: "#59636e",
  edge: "#818b98",
  grid: "#eef1f4",
  bar: "#c8d1da",
  red: "#a40e26",
  green: "#1a7f37",
  blue: "#0969da",
};
const darkColours: Record<keyof typeof colours, string> = {
  background: "#0d1117",
  text: "#f0f6fc",
  quiet: "#9198a1",
  edge: "#656c76",
  grid: "#21262d",
  bar: "#3d444d",
  red: "#ff7b72",
  green: "#3fb950",
  blue: "#4493f8",
};
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
      backgroundColor: colours.background,
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
    return `${forDarkPagesToo(drawing.renderToSVGString())}\n`;
  } finally {
    drawing.dispose();
  }
}

/** Adds rules that a browser follows where people have chosen dark pages. */
function forDarkPagesToo(svg: string): string {
  const names = Object.keys(colours) as (keyof typeof colours)[];
  const rules = names.flatMap((name) =>
    ["fill", "stroke"].map((what) => `[${what}="${colours[name]}"]{${what}:${darkColours[name]}}`),
  );
  return svg.replace(/^<svg[^>]*>/, `$&\n<style>@media (prefers-color-scheme:dark){${rules.join("")}}</style>`);
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
