import type { CustomSeriesRenderItem } from "echarts";
import type { Span } from "../scripts/inlineStack";
import { failuresOf, type SteadyRequest, stretchesOf } from "../scripts/steadyClient";
import { type LoadCircumstances, outageSeconds } from "./availabilityReport";
import { axis, colours, drawChart, fontFamily, githubWidth } from "./chart";
import type { RotationUnderLoad } from "./rotationUnderLoad";

type Drawn = NonNullable<ReturnType<CustomSeriesRenderItem>>;

const size = { width: githubWidth, left: 240, right: 16, top: 92, lane: 132, bottom: 60 };
/** Where the parts of a lane are, in pixels below its middle. */
const rows = { call: -52, bars: -38, deployments: -18, requests: 30, count: 44 };
const barHeight = 9;
/** Accepted and refused differ in height and lightness, so that no one has to tell colours apart. */
const outcomes = {
  accepted: { height: 12, width: 1.4, colour: colours.blue },
  refused: { height: 34, width: 1.8, colour: colours.red },
};

/** The rotations as an SVG: a lane per design, and in it a stroke per request over what the two stacks did. */
export function drawTimeline(rotations: readonly RotationUnderLoad[], { rate, lag }: LoadCircumstances): string {
  const height = size.top + size.lane * rotations.length + size.bottom;
  const title = {
    text: "Requests of a client while its key is rotated",
    subtext: `${rate} requests a second. ${lag} s after the producer's stack, the consumer's stack is deployed and gets the new key.`,
  };
  const seconds = axis("seconds since the producer's pulumi up began", 32);
  return drawChart({ width: size.width, height }, title, {
    grid: { left: size.left, right: size.right, top: size.top, bottom: size.bottom },
    xAxis: {
      type: "value",
      ...extent(rotations),
      splitNumber: 7,
      ...seconds,
      axisLabel: { ...seconds.axisLabel, showMinLabel: false, showMaxLabel: false },
    },
    yAxis: {
      type: "category",
      data: rotations.map(({ design }) => design.name),
      inverse: true,
      axisTick: { show: false },
      axisLine: { show: false },
      splitLine: { show: true, lineStyle: { color: colours.edge, width: 0.5 } },
      axisLabel: { show: false },
    },
    series: [
      {
        type: "custom",
        silent: true,
        clip: false,
        data: rotations.map((_, index) => [0, index]),
        renderItem: ({ dataIndex }, { coord }) => {
          const rotation = rotations[dataIndex];
          const x = (at: number) => coord([(at - rotation.producerUp.from) / 1000, dataIndex])[0];
          const [, middle] = coord([0, dataIndex]);
          return lane(rotation, x, middle);
        },
      },
      { type: "custom", silent: true, clip: false, data: [[0, 0]], renderItem: legend },
    ],
  });
}

/** All lanes have the same axis, from before the first request to after the last. */
function extent(rotations: readonly RotationUnderLoad[]): { min: number; max: number } {
  const since = ({ producerUp }: RotationUnderLoad, { at }: SteadyRequest) => (at - producerUp.from) / 1000;
  const first = Math.min(...rotations.map((rotation) => since(rotation, rotation.requests[0])));
  const last = Math.max(
    ...rotations.map((rotation) => since(rotation, rotation.requests[rotation.requests.length - 1])),
  );
  return { min: Math.floor(2 * first) / 2, max: Math.ceil(2 * last) / 2 };
}

function lane(rotation: RotationUnderLoad, x: (at: number) => number, middle: number): Drawn {
  const { design, requests, producerUp, consumerUp, regeneratedAt } = rotation;
  const baseline = middle + rows.requests;
  const bars = middle + rows.bars;
  const failures = failuresOf(requests);
  const counted = failures.length === 0 ? requests : failures;
  const middleOfCounted = (x(counted[0].at) + x(counted[counted.length - 1].at)) / 2;
  return {
    type: "group",
    children: [
      text(design.name, 20, middle - 22, { size: 15, weight: 600 }),
      text(design.resource, 20, middle - 2, { colour: colours.quiet }),
      text(failures.length === 0 ? "no outage" : `${outageSeconds(requests)} s outage`, 20, middle + 20, {
        size: 15,
        weight: 600,
        colour: failures.length === 0 ? colours.text : outcomes.refused.colour,
      }),
      ...bar("producer's up", producerUp, x, middle),
      ...bar("consumer's up", consumerUp, x, middle),
      ...strokes(requests, x, baseline),
      text(`${failures.length} of ${requests.length} requests refused`, middleOfCounted, middle + rows.count, {
        align: "center",
      }),
      {
        type: "path",
        shape: { pathData: `M${x(regeneratedAt)},${bars - 3}V${baseline}` },
        style: { stroke: colours.text, lineWidth: 1.5, lineDash: [4, 3], fill: "none" },
      },
      text("new key issued", x(regeneratedAt), middle + rows.call, { align: "center" }),
    ],
  };
}

/** One path for each stretch, with a stroke for each request: a path for each request would make a file ten times as big. */
function strokes(requests: readonly SteadyRequest[], x: (at: number) => number, baseline: number): Drawn[] {
  let next = 0;
  return stretchesOf(requests).map(({ accepted, count }) => {
    const { height, width, colour } = accepted ? outcomes.accepted : outcomes.refused;
    const stretch = requests.slice(next, next + count);
    next += count;
    const pathData = stretch.map(({ at }) => `M${x(at).toFixed(1)},${baseline}v${-height}`).join("");
    return { type: "path", shape: { pathData }, style: { stroke: colour, lineWidth: width, fill: "none" } };
  });
}

/** The label stands under the bar, where a short deployment leaves it room too. */
function bar(label: string, { from, to }: Span, x: (at: number) => number, middle: number): Drawn[] {
  const left = x(from);
  return [
    {
      type: "rect",
      shape: { x: left, y: middle + rows.bars, width: x(to) - left, height: barHeight, r: 2 },
      style: { fill: colours.bar, stroke: colours.edge, lineWidth: 1 },
    },
    text(label, left, middle + rows.deployments, {}),
  ];
}

function legend(): Drawn {
  const entry = (name: string, { height, width, colour }: typeof outcomes.accepted, left: number): Drawn[] => [
    {
      type: "path",
      shape: { pathData: [0, 4, 8, 12].map((step) => `M${left + step},71v${-height / 2}`).join("") },
      style: { stroke: colour, lineWidth: width, fill: "none" },
    },
    text(name, left + 20, 65, {}),
  ];
  return {
    type: "group",
    children: [
      ...entry("accepted", outcomes.accepted, githubWidth - 178),
      ...entry("refused", outcomes.refused, githubWidth - 84),
    ],
  };
}

function text(
  content: string,
  x: number,
  y: number,
  { size = 12, weight = 400, colour = colours.text, align = "left" as "left" | "center" },
): Drawn {
  return {
    type: "text",
    x,
    y,
    style: {
      text: content,
      fontSize: size,
      fontWeight: weight,
      fontFamily,
      fill: colour,
      align,
      verticalAlign: "middle",
    },
  };
}
