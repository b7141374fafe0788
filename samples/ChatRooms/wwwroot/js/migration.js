import { byId, count, element, seconds, setText } from "./dom.js";
import { operate } from "./operator.js";

const rungs = [
  ["A", "old file"], ["B", "write both"], ["C", "both must hold"], ["Q", "reads help"],
  ["D", "read shards"], ["E", "shards lead"], ["F", "shards only"],
];
const ladder = byId("ladder");
for (const [letter, name] of rungs) {
  const rung = element("li");
  rung.append(element("b", "", letter), element("span", "", name));
  ladder.append(rung);
}
const button = byId("migrate");
button.addEventListener("click", () => operate("api/migration", {}));

const shardViews = new Map();

function showShards(shards) {
  const host = byId("shards");
  const most = Math.max(1, ...shards.map(shard => shard.rows));
  for (const shard of shards) {
    if (!shardViews.has(shard.name)) {
      const row = element("div", "shard");
      const bar = element("i", shard.old ? "amber" : "teal");
      const split = element("div", "split");
      split.append(bar);
      const number = element("b");
      row.append(element("span", "", shard.name), split, number);
      host.append(row);
      shardViews.set(shard.name, { bar, number });
    }
    const { bar, number } = shardViews.get(shard.name);
    bar.style.width = `${(100 * shard.rows) / most}%`;
    setText(number, count(shard.rows));
  }
}

function showNumbers(migration) {
  const list = byId("verification");
  const rows = [
    ["copied", count(migration.copied)],
    ["compared", count(migration.compared)],
    ["differences", count(migration.differences), migration.differences === 0],
    ["lost", count(migration.lost), migration.lost === 0],
  ];
  if (list.children.length === 0) for (const [name] of rows) list.append(element("dt", "", name), element("dd"));
  rows.forEach(([, text, good], index) => {
    const cell = list.children[2 * index + 1];
    setText(cell, text);
    cell.className = good === undefined || migration.compared === 0 ? "" : good ? "good" : "bad";
  });
}

export function showMigration(migration, shards) {
  const here = rungs.findIndex(([letter]) => letter === migration.phase);
  [...ladder.children].forEach((rung, index) => {
    rung.className = index < here ? "past" : index === here ? "here" : "";
    if (index === here) rung.setAttribute("aria-current", "step");
    else rung.removeAttribute("aria-current");
  });
  const done = Math.round(100 * migration.progress);
  const bar = byId("migration-bar");
  bar.setAttribute("aria-valuenow", String(done));
  bar.firstElementChild.style.width = `${done}%`;
  const left = migration.running && migration.remainingMilliseconds > 0 ? `, about ${seconds(migration.remainingMilliseconds)} left` : "";
  setText(byId("migration-text"), migration.text + left);
  button.disabled = migration.running || migration.phase === "F";
  setText(button, migration.running ? "Migrating…" : migration.phase === "F" ? "Migrated" : "Migrate");
  showShards(shards);
  showNumbers(migration);
}
