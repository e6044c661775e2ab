
// Two lists, of clips and of turns, and one player. What is heard is a queue of pieces: clips, and pauses for what is live.

const byId = (id) => document.getElementById(id);
const find = byId("find");
const sound = byId("sound");
const now = byId("now");
const list = byId("clips");
const clips = [...list.children];
const takes = [...document.querySelectorAll(".take")];
const written = new Map(clips.map((row, place) => [row, place])); // the order of the file
const words = new Map([...clips, ...takes].map((row) => [row, row.textContent.toLowerCase()]));
const selects = [...document.querySelectorAll("select.by")];
const PAUSE = 700; // ms that stand for words that are live

let view = "list";
let current = clips[0]; // the row that the keyboard is at
let queue = []; // the pieces that are still to be heard
let heard = null; // the piece that sounds
let turn = 0; // counts what was begun, so that what comes late is known to be late
let address = ""; // of the sound in memory that plays

const rows = () => (view === "list" ? [...list.children] : takes);
const shown = () => rows().filter((row) => !row.hidden);
const button = (row) => row.querySelector(".play");
const clipOf = (piece) => (piece.dataset.clip === undefined ? piece : byId(`c${piece.dataset.clip}`));

// The lists

const stops = (row) => row.querySelectorAll(".play, a"); // of the tab key, while the row is the current one

function select(row, focus = true) {
  if (!row) return;
  for (const each of current ? stops(current) : []) each.tabIndex = -1;
  current = row;
  for (const each of stops(row)) each.tabIndex = 0;
  if (focus) button(row).focus();
}

const has = (values, wanted) => !wanted || values.split(" ").includes(wanted);

function filter() {
  const wanted = Object.fromEntries(selects.map((each) => [each.dataset.by, each.value]));
  const said = sought(find.value);
  const spoken = (row) => said.every((word) => words.get(row).includes(word));
  const same = (data, name) => !wanted[name] || data[name] === wanted[name];
  const made = ({ dataset: data }) => has(data.kinds, wanted.kinds) && same(data, "voice") && same(data, "origin");
  const placed = ({ dataset: data }) => has(data.in, wanted.in) && same(data, "locale");
  for (const row of clips) row.hidden = !(made(row) && placed(row) && spoken(row));
  const any = !wanted.kinds && !wanted.voice && !wanted.origin;
  for (const row of takes) {
    const some = any || [...row.querySelectorAll("[data-clip]")].some((piece) => made(clipOf(piece)));
    row.hidden = !(some && placed(row.closest(".turn")) && spoken(row));
  }
  for (const each of document.querySelectorAll(".turn")) each.hidden = !each.querySelector(".take:not([hidden])");
  count();
}

function count() {
  const [left, all] = [shown(), rows()];
  byId("count").value = `${left.length === all.length ? "all" : `${left.length} of`} ${all.length} shown`;
  byId("nothing").hidden = left.length > 0;
  byId("through").disabled = !left.length;
  if (!current || current.hidden || !all.includes(current)) select(left[0], false);
}

function sort() {
  const order = byId("order").value;
  const by = order.replace("-", "");
  const value = (row) => (by ? row.dataset[by] : String(written.get(row)));
  const sorted = [...clips];
  inOrder(sorted, value, { text: by === "id", falling: order.startsWith("-"), first: written });
  list.append(...sorted);
}

function see(name) {
  view = name;
  for (const each of ["list", "said"]) byId(each).hidden = each !== name;
  for (const each of document.querySelectorAll("[data-view]")) each.ariaPressed = String(each.dataset.view === name);
  byId("sorting").hidden = name !== "list";
  count();
}

function showAll() {
  find.value = "";
  for (const each of selects) each.value = "";
  filter();
}

// The player

const pieces = (row) =>
  row.classList.contains("clip") ? [row] : [...row.querySelectorAll("[data-clip], [data-live], [data-gone]")];

function mark(piece) {
  for (const each of document.querySelectorAll(".now")) each.classList.remove("now");
  for (const each of document.querySelectorAll(".head, .done")) each.remove();
  for (const row of [...clips, ...takes]) {
    const [active, its] = [Boolean(piece && row.contains(piece)), button(row)];
    if (its.textContent === "–" || (its.textContent === "■") === active) continue;
    its.textContent = active ? "■" : "▶";
    its.ariaLabel = its.ariaLabel.replace(/^\S+/, active ? "stop" : "play");
  }
  heard = piece;
  if (!piece) return;
  piece.classList.add("now");
  const row = piece.closest(".clip, .take");
  select(row, button(row) !== document.activeElement && !document.activeElement.closest("input, select, audio"));
  piece.scrollIntoView({ block: "nearest" });
}

function stop() {
  turn++;
  queue = [];
  sound.pause();
  sound.removeAttribute("src"); // or the player would play on what nothing tells of
  sound.load();
  mark(null);
  now.textContent = "Nothing is playing.";
}

function play(wanted) {
  stop();
  queue = [...wanted];
  next();
}

async function next() {
  const piece = queue.shift();
  if (!piece) return stop();
  const mine = ++turn;
  sound.pause();
  mark(piece);
  const live = piece.dataset.live;
  const clip = clipOf(piece);
  const source = live === undefined && clip.classList.contains("clip") ? await sourceOf(clip) : "";
  if (mine !== turn) return; // stopped, or something else was begun
  if (!source) {
    now.textContent = live === undefined ? `${nameOf(clip)}: no sound` : `live: ${live}`;
    return setTimeout(() => mine === turn && next(), PAUSE);
  }
  now.textContent = `${nameOf(clip)}: ${clip.querySelector(".said").textContent}`;
  sound.src = source;
  sound.play().catch((error) => {
    if (mine !== turn || error.name === "AbortError") return;
    now.textContent = `${nameOf(clip)} cannot be played here: ${error.message}`;
    if (!queue.length) return mark(null); // and what was said of it stays
    setTimeout(() => mine === turn && next(), PAUSE);
  });
}

const nameOf = (piece) => piece.dataset.id ?? piece.dataset.gone ?? "";

async function sourceOf(row) {
  if (address) URL.revokeObjectURL(address);
  address = "";
  const stored = await unpacked(row.id.replace("c", "s"));
  if (!stored) return row.dataset.src;
  return (address = URL.createObjectURL(new Blob([stored], { type: "audio/wav" })));
}

// Bars that were heard are drawn again in the colour of what sounds.
function follow() {
  const wave = heard && clipOf(heard).querySelector("svg.wave");
  if (!wave || !sound.duration) return;
  const bars = wave.querySelector("path").getAttribute("d").split("M");
  const past = bars.slice(0, 1 + Math.round((sound.currentTime / sound.duration) * (bars.length - 1)));
  let done = wave.querySelector(".done");
  if (!done) {
    done = document.createElementNS("http://www.w3.org/2000/svg", "path");
    done.setAttribute("class", "done");
    wave.append(done);
  }
  done.setAttribute("d", past.join("M"));
}

function ticking() {
  follow();
  if (!sound.paused) requestAnimationFrame(ticking);
}

function toggle(row) {
  return heard && row.contains(heard) ? stop() : play(pieces(row));
}

function through() {
  const order = shown();
  const from = Math.max(0, order.indexOf(current));
  play((from + 1 < order.length ? order.slice(from) : order).flatMap(pieces));
}

sound.addEventListener("ended", next);
sound.addEventListener("play", ticking);
sound.addEventListener("seeked", follow);

// Keys

function move(steps) {
  const order = shown();
  const place = order.indexOf(current);
  select(order[Math.max(0, Math.min(order.length - 1, place + steps))]);
}

function skip(seconds) {
  if (heard && sound.duration) sound.currentTime = Math.max(0, Math.min(sound.duration, sound.currentTime + seconds));
}

const keys = {
  " ": () => (heard ? stop() : current && toggle(current)),
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
  ArrowLeft: () => skip(-1), ArrowRight: () => skip(1),
  PageDown: () => move(20), PageUp: () => move(-20), Home: () => move(-clips.length), End: () => move(clips.length),
  a: () => (heard ? stop() : through()),
  t: () => (see(view === "list" ? "said" : "list"), select(current)),
  "/": () => find.focus(),
  Escape: () => stop(),
};

onKeys({
  find,
  found: () => (filter(), select(shown()[0])),
  pressed: "button:not(.play), a, audio",
  actions: () => keys,
});

document.querySelector("main").addEventListener("click", (event) => {
  const row = event.target.closest(".clip, .take");
  if (!row) return;
  if (event.target.closest(".play")) return toggle(row);
  select(row, false);
});
document.querySelector("main").addEventListener("focusin", (event) => {
  const row = event.target.closest(".play") && event.target.closest(".clip, .take");
  if (row) select(row, false);
});
for (const each of document.querySelectorAll("[data-view]")) each.addEventListener("click", () => see(each.dataset.view));
for (const each of selects) each.addEventListener("change", filter);
find.addEventListener("input", filter);
byId("order").addEventListener("change", sort);
byId("through").addEventListener("click", () => (heard ? stop() : through()));
byId("all").addEventListener("click", showAll);
document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => {
  const row = location.hash.length > 1 && byId(location.hash.slice(1));
  if (!row || !row.classList.contains("clip")) return;
  see("list");
  if (row.hidden) showAll();
  select(row);
});

filter();
select(current);
