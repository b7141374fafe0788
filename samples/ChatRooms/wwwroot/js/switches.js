import { byId, element } from "./dom.js";
import { operate } from "./operator.js";

const meanings = {
  Admission: "off: everybody is seated at once, seats are still counted",
  Caching: "off: every session is read from the database",
  RateLimiting: "off: nothing is counted or refused",
  Sharding: "off: the topology is frozen, routing goes on",
  Migration: "off: phases stand still, dual writes go on",
};
const views = new Map();

export function showSwitches(switches) {
  for (const [name, on] of Object.entries(switches)) {
    if (!views.has(name)) {
      const button = element("button", "switch");
      button.type = "button";
      button.setAttribute("role", "switch");
      const text = element("span");
      text.append(element("b", "", name), element("small", "", meanings[name] ?? ""));
      button.append(text, element("span", "knob"));
      button.addEventListener("click", () => operate(`api/switches/${name}`, { enabled: button.getAttribute("aria-checked") !== "true" }));
      byId("switches").append(button);
      views.set(name, button);
    }
    const button = views.get(name);
    if (button.getAttribute("aria-checked") !== String(on)) button.setAttribute("aria-checked", String(on));
  }
}
