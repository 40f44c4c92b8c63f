import { axis, colours, drawChart, githubWidth } from "./chart";
import { type Figures, inSeconds, type StackOf } from "./figures";

const size = { width: githubWidth, left: 165, right: 70, top: 78, bottom: 56, row: 24 };

interface Bar {
  name: string;
  stack: StackOf;
  colour: string;
}

/** Bars that are compared within a group. */
function groupsOf({ data }: Figures): { title: string; bars: Bar[] }[] {
  const both = (stack: Omit<StackOf, "subject">): Bar[] => [
    { name: "npm package", stack: { ...stack, subject: "pair" }, colour: colours.blue },
    { name: "plugin", stack: { ...stack, subject: "pluginPair" }, colour: colours.green },
  ];
  const peer = (name: string, stack: Omit<StackOf, "subject">): Bar => ({
    name,
    stack: { ...stack, subject: "terraform" },
    colour: colours.edge,
  });
  const byDefault = `${data.parallelism} at a time, the default`;
  return [
    { title: `Bucket or local file, ${byDefault}`, bars: both({ backend: "file" }) },
    { title: `Pulumi Cloud's protocol, ${byDefault}`, bars: both({ backend: "journal" }) },
    { title: "Pulumi Cloud's protocol, 32 at a time", bars: both({ backend: "journal", conditions: "parallel 32" }) },
    { title: "Pulumi Cloud's protocol, 64 at a time", bars: both({ backend: "journal", conditions: "parallel 64" }) },
    {
      title: "Terraform with azapi",
      bars: [peer("10 at a time, default", {}), peer("32 at a time", { conditions: "parallel 32" })],
    },
  ];
}

/** The time of a rotation of the most keys as an SVG: a bar for each kind of stack that was measured. */
export function drawRotations(figures: Figures): string {
  const rows = groupsOf(figures).flatMap(({ title, bars }) => {
    const measured = bars
      .map(({ name, stack, colour }) => ({ name, colour, seconds: figures.seconds(stack, "rotation") }))
      .filter(({ seconds }) => !Number.isNaN(seconds));
    return measured.length === 0 ? [] : [{ name: title, isTitle: true }, ...measured];
  });
  const height = size.top + size.row * rows.length + size.bottom;
  const title = {
    text: `How long a rotation of ${figures.most} keys takes`,
    subtext: "pulumi up or terraform apply, median. One write for each key, all on the same machine.",
  };
  const text = { fontSize: 13, color: colours.text };
  return drawChart({ width: size.width, height }, title, {
    grid: { left: size.left, right: size.right, top: size.top, bottom: size.bottom },
    xAxis: { type: "value", ...axis("seconds", 32) },
    yAxis: {
      type: "category",
      data: rows.map(({ name }) => name),
      inverse: true,
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: {
        ...text,
        align: "left",
        margin: size.left - 20,
        interval: 0,
        formatter: (name, index) => `{${"isTitle" in rows[index] ? "title" : "bar"}|${name}}`,
        rich: { title: { ...text, fontWeight: 600 }, bar: { ...text, padding: [0, 0, 0, 12] } },
      },
    },
    series: [
      {
        type: "bar",
        silent: true,
        barWidth: 16,
        data: rows.map((row) => ("seconds" in row ? { value: row.seconds, itemStyle: { color: row.colour } } : null)),
        label: { show: true, position: "right", ...text, formatter: ({ value }) => inSeconds(value as number) },
      },
    ],
  });
}
