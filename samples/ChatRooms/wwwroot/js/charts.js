const space = "http://www.w3.org/2000/svg";

function shape(name, attributes) {
  const node = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

const width = 300;
const height = 100;

function points(values, length, top) {
  const step = width / (length - 1);
  const start = width - (values.length - 1) * step;
  return values.map((value, index) => `${(start + index * step).toFixed(1)},${(height - (height * value) / top).toFixed(1)}`);
}

const area = line =>
  line.length === 0 ? "" : [...line, `${width},${height}`, `${line[0].split(",")[0]},${height}`].join(" ");

// A line with a soft area under it, for a number card.
export class Spark {
  constructor(host, tone) {
    this.svg = shape("svg", { class: `spark ${tone}`, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.fill = shape("polygon", {});
    this.stroke = shape("polyline", {});
    this.svg.append(this.fill, this.stroke);
    host.append(this.svg);
  }

  draw(series, top) {
    const line = points(series.values, series.length, top ?? Math.max(1, ...series.values) * 1.1);
    this.stroke.setAttribute("points", line.join(" "));
    this.fill.setAttribute("points", area(line));
  }
}

// Several series on one scale: lines, or areas stacked on each other.
export class Chart {
  constructor(host, tones, { stacked = false, label } = {}) {
    this.stacked = stacked;
    this.frame = document.createElement("div");
    this.frame.className = "chart-frame";
    this.svg = shape("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label });
    for (const y of [0, 50, 100]) this.svg.append(shape("line", { class: "grid", x1: 0, x2: width, y1: y, y2: y }));
    this.layers = tones.map(tone => shape(stacked ? "polygon" : "polyline", { class: tone }));
    for (const [index, tone] of tones.entries()) {
      const group = shape("g", { class: tone });
      group.append(this.layers[index]);
      this.svg.append(group);
    }
    this.top = document.createElement("span");
    this.top.className = "chart-top";
    this.frame.append(this.svg, this.top);
    host.append(this.frame);
  }

  draw(all, unit) {
    const length = all[0].length;
    const levels = this.stacked ? this.#stack(all) : all.map(series => series.values);
    const top = Math.max(1, ...levels.flat()) * 1.08;
    this.top.textContent = `${top >= 10 ? Math.round(top) : top.toFixed(1)} ${unit}`;
    levels.forEach((values, index) => {
      const line = points(values, length, top);
      if (!this.stacked) {
        this.layers[index].setAttribute("points", line.join(" "));
        return;
      }
      const floor = index === 0 ? values.map(() => 0) : levels[index - 1];
      this.layers[index].setAttribute("points", [...line, ...points(floor, length, top).reverse()].join(" "));
    });
  }

  #stack(all) {
    const sums = all[0].values.map(() => 0);
    return all.map(series => series.values.map((value, index) => (sums[index] += value)));
  }
}
