import { byId, count, decimal, element, setText } from "./dom.js";
import { Series } from "./feed.js";
import { Chart } from "./charts.js";

const lines = [
  { key: "p50", tone: "teal" },
  { key: "p95", tone: "amber" },
  { key: "p99", tone: "coral" },
].map(line => ({ ...line, series: new Series() }));

const host = byId("latency");
const chart = new Chart(host, lines.map(line => line.tone), { label: "Latency of a post in milliseconds: median, 95th and 99th percentile" });
const table = element("table", "table");
const head = element("tr");
for (const title of ["last 10 s", "p50", "p95", "p99", "count"]) head.append(element("th", "", title));
const body = element("tbody");
const thead = element("thead");
thead.append(head);
table.append(thead, body);
host.append(table);
const rows = new Map();

export function showLatency(latencies) {
  const post = latencies.find(latency => latency.name === "post");
  for (const line of lines) line.series.push(post ? post[line.key] : 0);
  chart.draw(lines.map(line => line.series), "ms");
  for (const latency of latencies) {
    if (!rows.has(latency.name)) {
      const row = element("tr");
      row.append(element("td", "", latency.label), ...[1, 2, 3, 4].map(() => element("td")));
      body.append(row);
      rows.set(latency.name, row);
    }
    const cells = rows.get(latency.name).children;
    [latency.p50, latency.p95, latency.p99].forEach((value, index) => setText(cells[index + 1], latency.count > 0 ? decimal(value) : "–"));
    setText(cells[4], count(latency.count));
  }
}
