
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
