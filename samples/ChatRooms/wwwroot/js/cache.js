import { byId, decimal, element, percent, setText } from "./dom.js";
import { Rate, Series } from "./feed.js";
import { Chart } from "./charts.js";

const levels = [
  { key: "l1", name: "L1, memory", tone: "teal" },
  { key: "l2", name: "L2, distributed", tone: "blue" },
  { key: "miss", name: "missed: database", tone: "amber" },
  { key: "bypass", name: "switched off", tone: "coral" },
].map(level => ({ ...level, rate: new Rate(), series: new Series() }));

const host = byId("cache");
const chart = new Chart(host, levels.map(level => level.tone), { stacked: true, label: "Session lookups a second, by the level that answered" });
const figures = element("div", "figures");
for (const level of levels) {
  level.view = element("div", `figure ${level.tone}`, level.name);
  level.number = element("b", "", "–");
  level.view.prepend(level.number);
  figures.append(level.view);
}
host.append(figures);

export function showCache(cache, at) {
  for (const level of levels) level.series.push(level.rate.next(cache[level.key], at));
  chart.draw(levels.map(level => level.series), "/s");
  const now = levels.map(level => level.series.values.slice(-10).reduce((sum, value) => sum + value, 0));
  const all = now.reduce((sum, value) => sum + value, 0);
  levels.forEach((level, index) => {
    setText(level.number, percent(now[index], all));
    level.view.title = `${decimal(cache[level.key])} since the start`;
  });
}
