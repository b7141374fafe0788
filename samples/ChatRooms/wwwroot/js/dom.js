// Everything that came from a person reaches the page through textContent: there is no innerHTML in these modules.
export const byId = id => document.getElementById(id);

export function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const hundredth = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

export const count = value => whole.format(value);
export const decimal = value => (Math.abs(value) >= 100 ? whole : Math.abs(value) >= 1 ? tenth : hundredth).format(value);
export const percent = (part, all) => (all > 0 ? tenth.format((100 * part) / all) : "0") + " %";

export function seconds(milliseconds) {
  if (milliseconds < 1000) return "under a second";
  const value = Math.round(milliseconds / 1000);
  return value < 90 ? `${value} s` : `${Math.round(value / 60)} min`;
}
