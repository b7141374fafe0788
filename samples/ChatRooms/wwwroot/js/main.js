import { byId, count, setText } from "./dom.js";
import { listen } from "./feed.js";
import { showAlerts, showStats } from "./stats.js";
import { showLine, showRooms } from "./rooms.js";
import { showCache } from "./cache.js";
import { showLimits } from "./limits.js";
import { showLatency } from "./latency.js";
import { showMigration } from "./migration.js";
import { showSwitches } from "./switches.js";
import { chooseRoom, fillRooms } from "./chat.js";

function show(snapshot) {
  showStats(snapshot);
  showAlerts(snapshot.warnings);
  fillRooms(snapshot.roomList);
  showRooms(snapshot.roomList, snapshot.roomCapacity, chooseRoom);
  showLine(snapshot.line, snapshot.waiting.taken);
  showCache(snapshot.cache, snapshot.at);
  showLimits(snapshot.limits, snapshot.at);
  showLatency(snapshot.latencies);
  showMigration(snapshot.migration, snapshot.shards);
  showSwitches(snapshot.switches);
  const crowd = snapshot.simulated > 0 ? `${count(snapshot.simulated)} simulated people` : "no simulated people";
  setText(byId("foot-text"), `${crowd}, ${count(snapshot.connections)} WebSocket connection${snapshot.connections === 1 ? "" : "s"}, up for ${count(snapshot.uptimeSeconds)} s.`);
}

listen(show, on => {
  byId("live").classList.toggle("on", on);
  setText(byId("live-text"), on ? "live" : "reconnecting");
});
