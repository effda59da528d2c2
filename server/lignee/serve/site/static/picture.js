// Lights what a mark of the picture descends from, and what descends from it, while it is pointed
// at or focused. Without this, a mark leads to its page, which shows the same.
for (const picture of document.querySelectorAll("svg.timeline")) {
  const marks = [...picture.querySelectorAll(".mark")];
  const arrows = [...picture.querySelectorAll(".arrow")];

  const light = (mark) => {
    const lit = new Set([mark.dataset.iri, ...mark.dataset.lit.split(" ")]);
    for (const other of marks) other.classList.toggle("lit", lit.has(other.dataset.iri));
    for (const arrow of arrows) {
      arrow.classList.toggle("lit", lit.has(arrow.dataset.from) && lit.has(arrow.dataset.to));
    }
    picture.classList.add("lighting");
  };
  const rest = () => picture.classList.remove("lighting");

  // On a narrow screen, begin where the page's own marks are.
  const own = marks.find((mark) => !mark.classList.contains("faded"));
  const frame = picture.closest(".scroll");
  if (own && frame && marks.some((mark) => mark.classList.contains("faded"))) {
    const box = own.getBoundingClientRect();
    frame.scrollLeft += box.left - frame.getBoundingClientRect().left - frame.clientWidth / 2;
  }

  for (const mark of marks) {
    mark.addEventListener("pointerenter", () => light(mark));
    mark.addEventListener("focus", () => light(mark));
    mark.addEventListener("pointerleave", rest);
    mark.addEventListener("blur", rest);
  }
}
