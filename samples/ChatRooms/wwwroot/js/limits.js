import { byId, count, element, setText } from "./dom.js";
import { Rate, Series } from "./feed.js";

const views = new Map();

function view(policy) {
  const row = element("div", "limit");
  const head = element("div", "limit-head");
  const name = element("b", "", policy.name);
  const numbers = element("span");
  head.append(name, numbers);
  const split = element("div", "split");
  const bars = ["teal", "coral", "violet"].map(tone => element("i", tone));
  split.append(...bars);
  split.setAttribute("role", "img");
  row.append(head, split);
  byId("limits").append(row);
  return { name, numbers, split, bars, rates: bars.map(() => new Rate()), series: bars.map(() => new Series(30)) };
}

export function showLimits(policies, at) {
  for (const policy of policies) {
    if (!views.has(policy.name)) views.set(policy.name, view(policy));
    const { name, numbers, split, bars, rates, series } = views.get(policy.name);
    const totals = [policy.acquired, policy.refused, policy.bypass];
    totals.forEach((total, index) => series[index].push(rates[index].next(total, at)));
    const sums = series.map(one => one.sum);
    const all = sums.reduce((sum, value) => sum + value, 0);
    bars.forEach((bar, index) => (bar.style.width = all > 0 ? `${(100 * sums[index]) / all}%` : "0"));
    setText(name, policy.name);
    const passed = policy.bypass > 0 ? `, ${count(policy.bypass)} unchecked` : "";
    setText(numbers, `${policy.limit} / ${policy.window} s · ${count(policy.acquired)} in, ${count(policy.refused)} refused${passed}`);
    split.setAttribute("aria-label", `${policy.name}: ${count(sums[0])} admitted and ${count(sums[1])} refused in the last 30 seconds`);
  }
}
