
// The list of calls and the call that is open. What is shown is told by the address: #c3 is the fourth call of the file.

const list = document.getElementById("list");
const call = document.getElementById("call");
const body = document.querySelector("#calls tbody");
const rows = [...body.rows];
const heads = [...document.querySelectorAll("#calls thead th")].filter((head) => head.querySelector("button"));
const find = document.getElementById("find");
const kind = document.getElementById("kind");

const worst = new Map(rows.map((row, place) => [row, place])); // the order of the file
let current = rows[0]; // the row that the keyboard is at
let sound = null; // the <audio> of the call that is open

const link = (row) => row.querySelector("a");
const addressed = () => rows.find((row) => link(row).hash === location.hash);
const shown = () => [...body.rows].filter((row) => !row.hidden);

// The list

function select(row, focus = true) {
  if (!row) return;
  if (current) link(current).tabIndex = -1; // one stop of the tab key for the whole list
  current = row;
  link(row).tabIndex = 0;
  if (focus) link(row).focus();
}

function filter() {
  const words = sought(find.value);
  for (const row of rows) {
    const { words: text, kinds } = row.dataset;
    const wanted = !kind.value || kinds.split(" ").includes(kind.value);
    row.hidden = !wanted || !words.every((word) => text.includes(word));
  }
  const left = shown();
  document.getElementById("count").value =
    left.length === rows.length ? `${rows.length} calls` : `${left.length} of ${rows.length} calls`;
  if (current && current.hidden) select(left[0], false);
}

function sort(head) {
  const column = head.cellIndex;
  const text = "text" in head.dataset;
  const first = text ? "ascending" : "descending"; // the greatest figures are the worst
  const other = text ? "descending" : "ascending";
  const order = head.getAttribute("aria-sort") === first ? other : first;
  for (const each of heads) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order);
  inOrder(rows, (row) => row.cells[column].dataset.v, { text, falling: order === "descending", first: worst });
  body.append(...rows);
}

// The call

async function open(row) {
  const number = link(row).hash.slice(2);
  const text = await (await unpacked(`t${number}`)).text();
  const recording = await unpacked(`s${number}`);
  if (location.hash !== `#c${number}`) return; // left again meanwhile
  leave();
  select(row, false);
  const inside = call.querySelector(".shown");
  inside.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  if (recording) play(inside, recording);
  const heading = call.querySelector("h1");
  heading.textContent = link(row).textContent;
  const order = shown();
  const place = order.indexOf(row);
  call.querySelector(".place").textContent = place < 0 ? "" : `${place + 1} of ${order.length}`;
  call.querySelector(".before").disabled = place <= 0;
  call.querySelector(".after").disabled = place + 1 >= order.length;
  list.hidden = true;
  call.hidden = false;
  scrollTo(0, 0);
  heading.focus();
}

function leave() {
  if (!sound) return;
  sound.pause();
  URL.revokeObjectURL(sound.src);
  sound = null;
}

function go(steps) {
  const order = shown();
  const row = order[order.indexOf(addressed()) + steps];
  if (row) location.replace(link(row).hash); // Escape and the browser's Back then lead to the list
}

function play(inside, recording) {
  sound = document.createElement("audio");
  sound.controls = true;
  sound.src = URL.createObjectURL(new Blob([recording], { type: "audio/wav" }));
  inside.querySelector(".player").append(sound);
  for (const row of inside.querySelectorAll("[data-at]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "▶";
    button.setAttribute("aria-label", `play from ${row.dataset.at} s`);
    button.addEventListener("click", () => hear(Number(row.dataset.at)));
    row.querySelector(".at").prepend(button);
  }
  follow(inside.querySelector("figure"));
}

function hear(seconds) {
  sound.currentTime = seconds;
  sound.play();
}

// A line in the picture where the sound is; a click in the picture plays from there.
function follow(figure) {
  const svg = figure.querySelector("svg");
  const left = Number(figure.dataset.left);
  const plot = Number(figure.dataset.plot);
  const places = figure.dataset.rows.split(";").map((row) => row.split(" ").map(Number));
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  line.setAttribute("class", "head");
  svg.append(line);
  sound.addEventListener("timeupdate", (event) => {
    const now = event.target.currentTime;
    const row = places.find(([start, stop]) => start <= now && now < stop);
    if (!row) return;
    const x = left + ((now - row[0]) / (row[1] - row[0])) * plot;
    Object.entries({ x1: x, x2: x, y1: row[2], y2: row[3] }).forEach(([name, at]) => line.setAttribute(name, at));
  });
  figure.classList.add("heard");
  svg.addEventListener("click", (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const row = places.find(([, , top, bottom]) => top <= y && y < bottom);
    if (row && x >= left && x <= left + plot) hear(row[0] + ((x - left) / plot) * (row[1] - row[0]));
  });
}

function show() {
  const row = addressed();
  if (row) return open(row);
  leave();
  call.hidden = true;
  list.hidden = false;
  select(current && !current.hidden ? current : shown()[0]);
}

// Keys

function move(steps) {
  const order = shown();
  const place = order.indexOf(current);
  select(order[Math.max(0, Math.min(order.length - 1, place + steps))]);
}

const inList = {
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
  PageDown: () => move(20), PageUp: () => move(-20), Home: () => move(-rows.length), End: () => move(rows.length),
  "/": () => find.focus(),
  Enter: () => current && !current.hidden && (location.hash = link(current).hash),
};
const inCall = {
  j: () => go(1), ArrowRight: () => go(1), k: () => go(-1), ArrowLeft: () => go(-1),
  Escape: () => (location.hash = ""),
  " ": () => sound && (sound.paused ? sound.play() : sound.pause()),
};

onKeys({
  find,
  found: () => (filter(), select(shown()[0])),
  pressed: "button, a, audio",
  actions: () => (call.hidden ? inList : inCall),
});

heads.forEach((head) => head.querySelector("button").addEventListener("click", () => sort(head)));
find.addEventListener("input", filter);
kind.addEventListener("change", filter);
document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
body.addEventListener("click", (event) => {
  const row = event.target.closest("tr");
  if (row && !event.target.closest("a")) location.hash = link(row).hash;
});
body.addEventListener("focusin", (event) => select(event.target.closest("tr"), false));
call.querySelector(".before").addEventListener("click", () => go(-1));
call.querySelector(".after").addEventListener("click", () => go(1));
addEventListener("hashchange", show);

filter();
show();
