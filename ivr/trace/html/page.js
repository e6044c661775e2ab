
// What pages have in common.

const sought = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

// Sorts in place by what `value` gives as texts; what is alike stays in the order of the map `first`.
function inOrder(things, value, { text = false, falling = false, first }) {
  const sign = falling ? -1 : 1;
  things.sort((one, two) => {
    const [a, b] = [value(one), value(two)];
    const missing = (a === "") - (b === ""); // what has no figure stands last, either way
    const compared = text ? a.localeCompare(b, undefined, { numeric: true }) : a - b;
    return missing || sign * compared || first.get(one) - first.get(two);
  });
}

// What is packed in a <template>, as a Blob; null where there is none.
async function unpacked(id) {
  const stored = document.getElementById(id);
  if (!stored) return null;
  const bytes = Uint8Array.from(atob(stored.content.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).blob();
}

// What keys do. In the field `find` Escape and Enter lead to what was found; elsewhere a key does what `actions()` has for
// it, unless it is an own key of where the focus is. `pressed` selects what Space and Enter press.
function onKeys({ find, found, pressed, actions }) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === find && (event.key === "Escape" || event.key === "Enter")) {
      event.preventDefault();
      if (event.key === "Escape") find.value = "";
      return found();
    }
    const own = event.key.length === 1 ? "input, select" : "input, select, audio";
    const presses = event.target.closest(pressed) && (event.key === " " || event.key === "Enter");
    if (event.target.closest(own) || presses) return;
    const action = actions()[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
